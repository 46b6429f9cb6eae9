#include "actors/leader_follower/open_store.hpp"

#include "actors/leader_follower/load_snapshot.hpp"
#include "actors/leader_follower/snapshots.hpp"
#include "actors/leader_follower/tail_losses.hpp"
#include "runtime/log/segment_files.hpp"
#include "runtime/mutants.hpp"
#include "runtime/probe.hpp"

#include <algorithm>

namespace us {

namespace {

/// With '/' at its end; empty: the root of the disk.
std::string parent_of(const std::string& directory) {
  const auto slash = directory.rfind('/');
  return slash == std::string::npos ? std::string{} : directory.substr(0, slash + 1);
}

/// Of mutants: "kv/partitions/5/log" -> "kv".
std::string service_in(const std::string& log_directory) {
  return log_directory.substr(0, log_directory.find('/'));
}

class opening {
 public:
  opening(const ports& with, std::string directory, const group_limits& limits,
          const state_engine& engine)
      : with_(with), directory_(std::move(directory)), limits_(limits), engine_(engine) {}

  result<std::unique_ptr<replica_store>> run() {
    auto log = open_segmented_log(with_.disk, with_.executor, with_.clock, directory_, limits_.log);
    if (!log) return log.error();
    store_->log = std::move(*log);
    auto files = own_directory(with_.disk, snapshot_directory(directory_));
    if (auto made = make_log_directory(*with_.disk, files->directory); !made) return made.error();
    auto losses = loss_journal::open(with_, loss_directory(directory_), limits_.losses_bytes);
    if (!losses) return losses.error();
    store_->losses = std::move(*losses);
    snapshot_loader loader{
        with_, *files, *store_->log, engine_, {with_.disk, record_directory(directory_)}};
    auto newest = loader.run();
    if (!newest) return newest.error();
    if (auto restored = restore(std::move(*newest)); !restored) return restored.error();
    if (auto cleaned = loader.clean_up(*store_->state); !cleaned) return cleaned.error();
    store_->snapshots = std::make_unique<snapshots>(with_, std::move(files), loader.usable());
    return std::move(store_);
  }

 private:
  /// True: the log begins anew after the snapshot.
  bool begin_with(loaded_snapshot newest) {
    auto& store = *store_;
    auto& log = *store.log;
    store.state = std::move(newest.state);
    store.sessions = std::move(newest.sessions);
    store.history = std::move(newest.epochs);
    store.members.restore(std::move(newest.members));
    const auto& info = newest.info;
    store.applied = mutant(bug::snapshot_claims_its_end) ? info.complete : info.id.index;
    // What lies on the disk by itself was committed.
    store.complete = std::max(info.complete, store.state->applied().index);
    store.commit = std::max({store.commit, store.applied, store.state->applied().index});
    // That of a leader says nothing of what the log here holds after it.
    if (!info.installed) store.commit = std::max(store.commit, store.complete);
    if (info.installed) settle_covered_losses();
    if (newest.use != rules::snapshot_use::begins_log) return false;
    probe(rare::snapshot_without_log);
    store.commit = store.applied;
    log.begin_after(info.id.index, info.id.epoch);
    store.settle_losses_by_snapshot();
    return true;
  }

  /// What an installed snapshot said of losses may not have been written before a crash, and no
  /// entry of the log here says it again.
  void settle_covered_losses() {
    auto& store = *store_;
    if (!store.losses || !store.losses->watching()) return;
    store.losses->settle([&](const loss_key& key, session_id session, request_sequence sequence) {
      if (key.index > store.applied) return loss_state::LOST;
      return rules::judge_by_snapshot(key, session, sequence, store.applied, store.history,
                                      store.sessions);
    });
  }

  status restore(std::optional<loaded_snapshot> newest) {
    auto& store = *store_;
    auto& log = *store.log;
    store.commit = std::min(log.stored_commit(), log.last_index());
    if (newest) {
      if (begin_with(std::move(*newest))) return done{};
    } else {
      auto made =
          engine_.make({with_.disk, record_directory(directory_)}, with_.random->next() | 1);
      if (!made) return made.error();
      store.state = std::move(*made);
      store.applied = log.first_index().previous();
    }
    const auto last = log.last_index();
    if (mutant(bug::restored_past_commit)) store.commit = last;
    auto restored = log.replay(store.applied.next(), last, [&](const log_entry& entry) {
      store.note_members(entry);
      if (entry.index > store.commit) return store.waiting.push_back(entry);
      (void)store.state->ready(last);  // what was read is synced
      store.apply(entry);
    });
    if (mutant(bug::sessions_not_restored)) store.sessions = session_table{};
    return restored;
  }

  const ports& with_;
  std::string directory_;
  const group_limits& limits_;
  const state_engine& engine_;
  std::unique_ptr<replica_store> store_ = std::make_unique<replica_store>();
};

/// Decides by what is there, and what is not, what this replica may say of its past.
class first_look {
 public:
  first_look(const ports& with, const std::string& directory, const group_limits& limits,
             const state_engine& engine)
      : with_(with),
        directory_(directory),
        limits_(limits),
        engine_(engine),
        path_(standing_file(directory_)) {
    const auto boot = with_.disk->boot();
    if (limits_.log.sync_interval > duration{0}) boot_ = boot != 0 ? boot : unknown_boot;
  }

  result<std::unique_ptr<replica_store>> run() {
    if (auto made = make_log_directory(*with_.disk, directory_); !made) return made.error();
    auto standing = load_standing(*with_.disk, path_);
    if (!standing && standing.error().code == errc::corrupted)  // believed when it is found twice
      standing = load_standing(*with_.disk, path_);
    const auto trouble = standing ? errc::none : standing.error().code;
    if (trouble == errc::corrupted) return rebuild(standing.error().text, false);
    if (trouble != errc::none && trouble != errc::not_found) return standing.error();
    if (standing) limits_.log.left = left_by(*standing);
    auto opened = open();
    if (!opened && opened.error().code == errc::corrupted)
      return rebuild(opened.error().text, true);
    if (!opened) return opened;
    const bool empty = (*opened)->log->disk_bytes() == 0 && (*opened)->applied.none();
    if (!standing) return begin(std::move(*opened), empty);
    if (standing->votes() && empty && !mutant(bug::votes_after_disk_loss))
      return rebuild(directory_ + ": the change log is gone", false);
    return go_on(std::move(*opened), std::move(*standing));
  }

 private:
  /// What the replica's last run may have told and not synced.
  unsynced_tail left_by(const us::standing& last) const {
    if (last.boot == 0) return unsynced_tail::none;
    const auto now = with_.disk->boot();
    return now != 0 && last.boot == now ? unsynced_tail::cached : unsynced_tail::lost;
  }

  /// What was found is synced now; what comes is marked before any of it is told.
  result<std::unique_ptr<replica_store>> go_on(std::unique_ptr<replica_store> store,
                                               us::standing standing) {
    const bool forgot = limits_.log.left == unsynced_tail::lost && !mutant(bug::boot_ignored);
    if (!forgot && standing.boot == boot_) return with_standing(std::move(store), standing);
    standing.boot = boot_;
    if (forgot && standing.kind != standing_kind::fresh) {
      probe(rare::power_lost);
      standing.keeps_votes = standing.votes();
      standing.kind = standing_kind::recovering;
      standing.disk = new_number();
      with_.log->write(severity::event,
                       directory_ +
                           ": the machine went down before everything was synced (durability = "
                           "\"interval\"): this replica counts again once it has caught up");
    }
    if (auto stored = store_standing(*with_.disk, path_, standing); !stored) return stored.error();
    return with_standing(std::move(store), std::move(standing));
  }

  std::string parent() const { return parent_of(directory_); }

  /// Damage is believed when it is found twice at the same place: a memory or a bus that errs now
  /// and then is no reason to give up what the disk holds.
  result<std::unique_ptr<replica_store>> open() {
    auto opened = look();
    if (opened || opened.error().code != errc::corrupted) return opened;
    auto again = look();
    if (again || again.error().text == opened.error().text) return again;
    return failure{errc::io_failed, "reads differ from each other: " + opened.error().text + "; " +
                                        again.error().text};
  }

  result<std::unique_ptr<replica_store>> look() try {
    return opening{with_, directory_, limits_, engine_}.run();
  } catch (const state_failure& e) {
    return e.why();
  }

  result<std::unique_ptr<replica_store>> with_standing(std::unique_ptr<replica_store> store,
                                                       us::standing what) {
    store->standing = std::move(what);
    store->standing_path = path_;
    return store;
  }

  /// No standing yet: a directory that was never used, or one of a program that knew none.
  result<std::unique_ptr<replica_store>> begin(std::unique_ptr<replica_store> store, bool empty) {
    us::standing first{.kind = empty ? standing_kind::fresh : standing_kind::member,
                       .disk = new_number(),
                       .founders = {},
                       .boot = boot_};
    if (mutant(bug::votes_after_disk_loss)) first.kind = standing_kind::member;
    if (auto stored = store_standing(*with_.disk, path_, first); !stored) return stored.error();
    return with_standing(std::move(store), std::move(first));
  }

  /// It votes for nobody before anything of the old is touched.
  result<std::unique_ptr<replica_store>> rebuild(const std::string& why, bool set_aside) {
    probe(rare::data_damaged);
    us::standing next{
        .kind = standing_kind::recovering, .disk = new_number(), .founders = {}, .boot = boot_};
    if (boot_ != 0) limits_.log.left = unsynced_tail::lost;
    if (auto stored = store_standing(*with_.disk, path_, next); !stored) return stored.error();
    with_.log->write(
        severity::event,
        "data is damaged and will be rebuilt from the other replicas" +
            std::string{set_aside ? "; the old is kept under names ending in .damaged" : ""} +
            ": " + why);
    if (set_aside)
      for (const auto& name : {directory_, snapshot_directory(directory_)})
        if (auto moved = move_aside(name); !moved) return moved.error();
    auto opened = open();
    if (!opened) return opened;
    return with_standing(std::move(*opened), std::move(next));
  }

  /// What was set aside before is deleted: one copy is enough to look at.
  status move_aside(const std::string& name) {
    auto& disk = *with_.disk;
    const auto to = name + ".damaged";
    auto older = disk.list(to);
    if (!older) return older.error();
    for (const auto& file : *older)
      if (auto removed = disk.remove(to + "/" + file); !removed) return removed;
    (void)disk.remove(to);
    auto moved = disk.rename(name, to);
    if (!moved && moved.error().code != errc::not_found) return moved;
    return disk.sync_directory(parent().substr(0, parent().size() - 1));
  }

  std::uint64_t new_number() { return with_.random->next() | 1; }

  static constexpr std::uint64_t unknown_boot = UINT64_MAX;

  const ports& with_;
  const std::string& directory_;
  group_limits limits_;
  const state_engine& engine_;
  std::string path_;
  std::uint64_t boot_ = 0;  ///< of the standings that are stored now
};

}  // namespace

std::string standing_file(const std::string& log_directory) {
  return parent_of(log_directory) + "standing";
}

std::string snapshot_directory(const std::string& log_directory) {
  if (mutant(bug::snapshots_shared_by_partitions)) return service_in(log_directory) + "/snapshots";
  return parent_of(log_directory) + "snapshots";
}

std::string loss_directory(const std::string& log_directory) {
  if (mutant(bug::losses_shared_by_partitions)) return service_in(log_directory) + "/losses";
  return parent_of(log_directory) + "losses";
}

std::string record_directory(const std::string& log_directory) {
  return parent_of(log_directory) + "records";
}

result<std::unique_ptr<replica_store>> open_store(const ports& with, const std::string& directory,
                                                  const group_limits& limits,
                                                  const engine_ptr& engine) {
  return first_look{with, directory, limits, *engine}.run();
}

}  // namespace us
