#include "tests/leader_follower/cut_observer.hpp"

#include "actors/leader_follower/entry.hpp"
#include "runtime/loss/loss_files.hpp"

#include <vector>

namespace us::test {

namespace {

std::string name_of(const std::pair<epoch, log_index>& id) {
  return "entry " + to_string(id.second) + " of epoch " + to_string(id.first);
}

/// The records of one entry.
struct noted {
  std::set<std::uint32_t> positions;
  std::set<std::string> keys;
  loss_state state = loss_state::LOST;  ///< of the last record that was marked
};

}  // namespace

cut_observer::content cut_observer::content_of(const log_entry& entry) {
  opened_entry opened{entry};
  auto from = opened.get();
  content of;
  if (from.getOutcomes().size() == 0) return of;  // upkeep
  for (auto change : from.getChanges()) {
    const auto key = change.getKey().asChars();
    of.keys.emplace(key.begin(), key.size());
  }
  for (auto early : from.getEarly()) of.acknowledged.insert(early.getOutcome());
  return of;
}

/// The same last entry: the same entries before it (Raft's log matching).
bool cut_observer::is_same(const replica& before, const replica_store& store) {
  if (before.tail.empty() || store.waiting.empty())
    return before.tail.empty() && store.waiting.empty();
  const auto& last = store.waiting.back();
  return before.opened == store.opened && before.tail.size() == store.waiting.size() &&
         before.tail.rbegin()->first == last.index &&
         before.tail.rbegin()->second.epoch == last.epoch;
}

void cut_observer::look(const std::string& name, const replica_store& store) {
  auto& seen = replicas_[name];
  if (is_same(seen, store)) {
    seen.opened = store.opened;
    return;
  }
  std::map<log_index, log_entry> now;
  for (const auto& entry : store.waiting) now.emplace(entry.index, entry);
  for (const auto& [index, entry] : seen.tail) {
    const auto there = now.find(index);
    if (there != now.end() && there->second.epoch == entry.epoch) continue;
    if (index <= store.applied && store.history.at(index) == entry.epoch) continue;
    const entry_id id{entry.epoch, index};
    if (seen.opened != store.opened)
      seen.not_on_disk.insert(id);
    else
      seen.cut.emplace(id, content_of(entry));
  }
  seen.tail = std::move(now);
  seen.opened = store.opened;
}

std::size_t cut_observer::cut() const {
  std::size_t count = 0;
  for (const auto& [name, replica] : replicas_)
    for (const auto& [id, what] : replica.cut) count += what.keys.empty() ? 0 : 1;
  return count;
}

std::optional<std::string> cut_observer::check(const std::string& name, disk& where,
                                               const std::string& directory) const {
  std::map<entry_id, noted> journal;
  std::string twice;
  auto read = read_loss_files(
      where, directory,
      {[&](const loss& what) {
         const entry_id id{what.key.epoch, what.key.index};
         auto& record = journal[id];
         if (!record.positions.insert(what.key.position).second) twice = name_of(id);
         if (what.kind == loss_kind::ACKNOWLEDGED && what.key.position == rest_of_entry)
           twice = name_of(id) + ", which is said to be acknowledged,";
         record.keys.insert(what.keys.begin(), what.keys.end());
       },
       [&](const loss_mark& mark) {
         journal[{mark.key.epoch, mark.key.index}].state = mark.state;
       }});
  const auto by = "the loss journal of " + name + ": ";
  if (!read) return by + read.error().text;
  if (!twice.empty()) return by + twice + " is noted twice";
  const auto at = replicas_.find(name);
  const auto& seen = at == replicas_.end() ? replica{} : at->second;
  for (const auto& [id, what] : seen.cut) {
    const auto record = journal.find(id);
    if (record == journal.end()) {
      if (what.keys.empty()) continue;
      return by + name_of(id) + " was cut and is not noted";
    }
    if (record->second.keys != what.keys)
      return by + "the records of " + name_of(id) + " are not of what was cut with it";
    for (auto position : what.acknowledged)
      if (!record->second.positions.contains(position))
        return by + "request " + std::to_string(position) + " of " + name_of(id) + " is not noted";
  }
  for (const auto& [id, record] : journal)
    if (!seen.cut.contains(id) && !seen.not_on_disk.contains(id) &&
        record.state != loss_state::SURVIVED)
      return by + name_of(id) + " is noted as " + to_string(record.state) + " and was never cut";
  return std::nullopt;
}

}  // namespace us::test
