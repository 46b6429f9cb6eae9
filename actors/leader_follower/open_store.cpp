#include "actors/leader_follower/open_store.hpp"

#include "actors/leader_follower/snapshots.hpp"
#include "actors/leader_follower/transfer_rules.hpp"
#include "runtime/log/segment_files.hpp"
#include "runtime/mutants.hpp"
#include "runtime/probe.hpp"
#include "runtime/state/memory_state.hpp"

#include <algorithm>

namespace us {

namespace {

/// With '/' at its end; empty: the root of the disk.
std::string parent_of(const std::string& directory) {
  const auto slash = directory.rfind('/');
  return slash == std::string::npos ? std::string{} : directory.substr(0, slash + 1);
}

/// A snapshot in memory.
struct loaded {
  snapshot_info info;
  std::unique_ptr<us::state> state;
  session_table sessions;
  epoch_history epochs;
  configuration members;
  rules::snapshot_use use;
};

class opening {
 public:
  opening(const ports& with, std::string directory, const group_limits& limits)
      : with_(with), directory_(std::move(directory)), limits_(limits) {}

  result<std::unique_ptr<replica_store>> run() {
    auto log = open_segmented_log(with_.disk, with_.executor, with_.clock, directory_, limits_.log);
    if (!log) return log.error();
    store_->log = std::move(*log);
    files_ = own_directory(with_.disk, snapshot_directory(directory_));
    if (auto made = make_log_directory(*with_.disk, files_->directory); !made) return made.error();
    auto losses = loss_journal::open(with_, loss_directory(directory_), limits_.losses_bytes);
    if (!losses) return losses.error();
    store_->losses = std::move(*losses);
    if (auto found = find_snapshot(); !found) return found.error();
    if (auto restored = restore(); !restored) return restored.error();
    store_->snapshots = std::make_unique<snapshots>(with_, files_, std::move(usable_));
    return std::move(store_);
  }

 private:
  /// Loads the newest that can be used, and notes the one after it.
  status find_snapshot() {
    auto names = list_snapshots(*with_.disk, files_->directory);
    if (!names) return names.error();
    for (const auto& name : *names) {
      if (name.kind == snapshot_kind::incoming) continue;  // to be gone on with
      const bool finished = name.kind != snapshot_kind::partial;
      if (finished && usable_.size() < 2) {
        auto taken = load(name);
        if (!taken) return taken.error();
        if (*taken) continue;
      }
      if (auto removed = with_.disk->remove(path_in(files_->directory, name)); !removed)
        return removed;
    }
    return done{};
  }

  /// False: it is of no use.
  result<bool> load(const snapshot_name& name) {
    const auto path = path_in(files_->directory, name);
    auto fresh = make_memory_state();
    session_table sessions;
    epoch_history epochs;
    configuration members;
    const bool first = !newest_;
    auto info = read_snapshot(*with_.disk, path,
                              {[&](auto payload) { return !first || sessions.load(payload); },
                               [&](auto key, auto value) {
                                 if (first) fresh->put(key, std::string{value});
                               },
                               [&](auto payload) { return !first || epochs.load(payload); },
                               [&](auto payload) { return !first || members.load(payload); }});
    if (!info && info.error().code == errc::corrupted) {
      probe(rare::snapshot_damaged);
      with_.log->write(severity::error, "snapshot_damaged", {{"error", info.error().text}});
      return set_aside(path);
    }
    if (!info) return info.error();
    info->installed = name.kind == snapshot_kind::installed;
    const auto& log = *store_->log;
    const auto use =
        rules::use_of(*info, log.first_index(), log.last_index(), log.epoch_at(info->id.index));
    if (use == rules::snapshot_use::none) return false;
    if (use == rules::snapshot_use::contradicts)
      return failure{errc::corrupted, path +
                                          ": the change log lacks entries that this snapshot "
                                          "was taken with"};
    if (first)
      newest_ = loaded{
          *info, std::move(fresh), std::move(sessions), std::move(epochs), std::move(members), use};
    usable_.push_back(*info);
    return true;
  }

  result<bool> set_aside(const std::string& path) {
    if (auto moved = with_.disk->rename(path, path + ".damaged"); !moved) return moved.error();
    if (auto kept = with_.disk->sync_directory(files_->directory); !kept) return kept.error();
    return true;
  }

  status restore() {
    auto& store = *store_;
    auto& log = *store.log;
    store.state = make_memory_state();
    store.commit = std::min(log.stored_commit(), log.last_index());
    if (newest_) {
      store.state = std::move(newest_->state);
      store.sessions = std::move(newest_->sessions);
      store.history = std::move(newest_->epochs);
      store.members.restore(std::move(newest_->members));
      store.applied =
          mutant(bug::snapshot_claims_its_end) ? newest_->info.complete : newest_->info.id.index;
      store.complete = newest_->info.complete;
      store.commit = std::max(store.commit, store.applied);
      // That of a leader says nothing of what the log here holds after it.
      if (!newest_->info.installed) store.commit = std::max(store.commit, store.complete);
      if (newest_->use == rules::snapshot_use::begins_log) {
        probe(rare::snapshot_without_log);
        store.commit = store.applied;
        log.begin_after(newest_->info.id.index, newest_->info.id.epoch);
        store.settle_losses_by_snapshot();
        return done{};
      }
    } else if (log.first_index() > log_index{1} && !mutant(bug::gap_after_snapshot)) {
      return failure{errc::corrupted, directory_ + ": begins at entry " +
                                          to_string(log.first_index()) +
                                          " and no snapshot reaches up to it"};
    } else {
      store.applied = log.first_index().previous();
    }
    const auto last = log.last_index();
    if (mutant(bug::restored_past_commit)) store.commit = last;
    auto restored = log.replay(store.applied.next(), last, [&](const log_entry& entry) {
      store.note_members(entry);
      if (entry.index <= store.commit)
        store.apply(entry);
      else
        store.waiting.push_back(entry);
    });
    if (mutant(bug::sessions_not_restored)) store.sessions = session_table{};
    return restored;
  }

  const ports& with_;
  std::string directory_;
  const group_limits& limits_;
  std::unique_ptr<replica_store> store_ = std::make_unique<replica_store>();
  std::shared_ptr<log_files> files_;
  std::optional<loaded> newest_;
  std::vector<snapshot_info> usable_;
};

/// Decides by what is there, and what is not, what this replica may say of its past.
class first_look {
 public:
  first_look(const ports& with, const std::string& directory, const group_limits& limits)
      : with_(with), directory_(directory), limits_(limits), path_(parent() + "standing") {
    const auto boot = with_.disk->boot();
    if (limits_.log.sync_interval > duration{0}) boot_ = boot != 0 ? boot : unknown_boot;
  }

  result<std::unique_ptr<replica_store>> run() {
    if (auto made = make_log_directory(*with_.disk, directory_); !made) return made.error();
    auto standing = load_standing(*with_.disk, path_);
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
    auto opened = opening{with_, directory_, limits_}.run();
    if (opened || opened.error().code != errc::corrupted) return opened;
    auto again = opening{with_, directory_, limits_}.run();
    if (again || again.error().text == opened.error().text) return again;
    return failure{errc::io_failed, "reads differ from each other: " + opened.error().text + "; " +
                                        again.error().text};
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
  std::string path_;
  std::uint64_t boot_ = 0;  ///< of the standings that are stored now
};

}  // namespace

std::string snapshot_directory(const std::string& log_directory) {
  return parent_of(log_directory) + "snapshots";
}

std::string loss_directory(const std::string& log_directory) {
  return parent_of(log_directory) + "losses";
}

result<std::unique_ptr<replica_store>> open_store(const ports& with, const std::string& directory,
                                                  const group_limits& limits) {
  return first_look{with, directory, limits}.run();
}

}  // namespace us
