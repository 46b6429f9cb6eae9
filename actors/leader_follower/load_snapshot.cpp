#include "actors/leader_follower/load_snapshot.hpp"

#include "runtime/mutants.hpp"
#include "runtime/probe.hpp"

#include <algorithm>

namespace us {

namespace {

constexpr std::size_t usable_max = 2;
constexpr log_index all_synced{UINT64_MAX};  ///< of records that no snapshot names yet

/// Whether replicas may go on with what else there is.
bool leaves_out(errc code) {
  return code == errc::corrupted || code == errc::not_found || code == errc::invalid_config;
}

/// `loads`: what is read is wanted, beside the records; else it is only checked.
snapshot_visitor filling(loaded_snapshot& into, bool loads,
                         std::function<void(std::span<const state_change>)> put) {
  return {[&into, loads](auto payload) { return !loads || into.sessions.load(payload); },
          std::move(put),
          [&into, loads](auto payload) { return !loads || into.epochs.load(payload); },
          [&into, loads](auto payload) { return !loads || into.members.load(payload); }};
}

}  // namespace

result<std::optional<loaded_snapshot>> snapshot_loader::run() {
  auto names = list_snapshots(*with_.disk, files_.directory);
  if (!names) return names.error();
  std::stable_partition(names->begin(), names->end(), [this](const snapshot_name& name) {
    return names_store(*with_.disk, path_in(files_.directory, name));
  });
  for (const auto& name : *names)
    if (auto looked = look(name); !looked) return looked.error();
  if (unusable_)
    with_.log->write(severity::error, "records_not_used", {{"error", unusable_->text}});
  if (!newest_ && log_.first_index() > log_index{1} && !mutant(bug::gap_after_snapshot)) {
    if (unusable_) return *unusable_;
    return failure{errc::corrupted, files_.directory + ": the change log begins at entry " +
                                        to_string(log_.first_index()) +
                                        " and no snapshot reaches up to it"};
  }
  return std::move(newest_);
}

std::vector<snapshot_info> snapshot_loader::usable() {
  std::ranges::stable_sort(usable_, std::greater{},
                           [](const snapshot_info& each) { return each.id.index; });
  return std::move(usable_);
}

status snapshot_loader::clean_up(us::state& kept) {
  for (const auto& path : needless_)
    if (auto removed = with_.disk->remove(path); !removed) return removed;
  auto* stored = kept.stored();
  return remove_states_but(records_, stored != nullptr ? stored->name().number : 0);
}

status snapshot_loader::look(const snapshot_name& name) {
  if (name.kind == snapshot_kind::incoming) return done{};  // to be gone on with
  const bool finished = name.kind != snapshot_kind::partial;
  if (finished && usable_.size() < usable_max) {
    auto taken = load(name);
    if (!taken) return taken.error();
    if (*taken) return done{};
  }
  needless_.push_back(path_in(files_.directory, name));
  return done{};
}

/// False: it is of no use.
result<bool> snapshot_loader::load(const snapshot_name& name) {
  const auto path = path_in(files_.directory, name);
  const bool first = !newest_;
  loaded_snapshot found;
  status made = done{};
  const auto put = [&](std::span<const state_change> records) {
    if (!first || !made) return;
    if (!found.state) {
      auto fresh = engine_.make(records_, with_.random->next() | 1);
      if (!fresh) return void(made = fresh.error());
      found.state = std::move(*fresh);
    }
    (void)found.state->ready(all_synced);
    found.state->apply(records, {});
  };
  auto info = read_snapshot(*with_.disk, path, filling(found, first, put));
  if (!made) return made.error();
  if (!info && info.error().code == errc::corrupted) {
    if (auto sure = found_again(info.error(), path, first); !sure) return sure.error();
    probe(rare::snapshot_damaged);
    with_.log->write(severity::error, "snapshot_damaged", {{"error", info.error().text}});
    auto aside = set_aside(path);
    return aside ? result<bool>{true} : aside.error();
  }
  if (!info) return info.error();
  info->installed = name.kind == snapshot_kind::installed;
  found.use =
      rules::use_of(*info, log_.first_index(), log_.last_index(), log_.epoch_at(info->id.index));
  if (found.use == rules::snapshot_use::none) return false;
  if (found.use == rules::snapshot_use::contradicts)
    return failure{errc::corrupted, path +
                                        ": the change log lacks entries that this snapshot "
                                        "was taken with"};
  found.info = std::move(*info);
  return take(std::move(found));
}

result<bool> snapshot_loader::take(loaded_snapshot&& found) {
  if (!newest_) {
    if (!found.info.whole() || !found.state) {
      auto made = state_of(found.info);
      if (!made && leaves_out(made.error().code)) {
        if (!unusable_) unusable_ = made.error();
        return false;
      }
      if (!made) return made.error();
      found.state = std::move(*made);
      if (auto right = contradiction(found.info, *found.state); !right) {
        unusable_ = right.error();
        found.state.reset();
        return false;
      }
    }
    if (found.info.whole()) found.state->apply({}, {found.info.id.index, found.info.id.epoch});
    usable_.push_back(found.info);
    newest_ = std::move(found);
    return true;
  }
  usable_.push_back(std::move(found.info));
  return true;
}

/// The records that it names; or an empty state, when it has its records and there are none.
result<std::unique_ptr<us::state>> snapshot_loader::state_of(const snapshot_info& info) {
  if (info.whole()) return engine_.make(records_, with_.random->next() | 1);
  auto opened = engine_.open(records_, info.store);
  if (!opened && opened.error().code == errc::not_found)
    return failure{errc::corrupted, directory_of(records_, info.store.number) +
                                        ": the records that the snapshot of entry " +
                                        to_string(info.id.index) + " belongs to are gone"};
  return opened;
}

/// Records that lie on the disk by themselves are at or beyond their snapshot, and at an entry that
/// the log has.
status snapshot_loader::contradiction(const snapshot_info& info, const us::state& records) const {
  if (info.whole()) return done{};
  const auto at = records.applied();
  const auto snapshot_at = entry_id{info.id.index, info.id.epoch};
  const bool goes_on = at.index > info.id.index && log_.epoch_at(at.index) == at.epoch &&
                       log_.epoch_at(info.id.index) == info.id.epoch;
  if (at == snapshot_at || goes_on) return done{};
  return failure{errc::corrupted, directory_of(records_, info.store.number) +
                                      ": the records are those of entry " + to_string(at.index) +
                                      " of epoch " + to_string(at.epoch) +
                                      ", which do not go with the snapshot of entry " +
                                      to_string(info.id.index) + " and the change log"};
}

/// Damage is believed when it is found twice at the same place: where this snapshot is the only way
/// to what the log no longer has, one bad read would have the whole replica rebuilt.
status snapshot_loader::found_again(const failure& damage, const std::string& path,
                                    bool loads) const {
  loaded_snapshot unused;
  auto again = read_snapshot(*with_.disk, path, filling(unused, loads, [](auto) {}));
  if (!again && again.error().text == damage.text) return done{};
  return failure{errc::io_failed, "reads differ from each other: " + damage.text + "; " +
                                      (again ? path + ": is whole" : again.error().text)};
}

status snapshot_loader::set_aside(const std::string& path) {
  if (auto moved = with_.disk->rename(path, path + ".damaged"); !moved) return moved.error();
  return with_.disk->sync_directory(files_.directory);
}

}  // namespace us
