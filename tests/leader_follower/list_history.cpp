#include "tests/leader_follower/list_history.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

namespace us::test {

std::size_t list_history::begin(std::string key, std::uint64_t item, bool conditional, duration now,
                                bool early, const read_policy& reads) {
  operations_.push_back(
      {std::move(key), item, conditional, early, reads, now, {}, {}, {}, {}, {}, {}});
  return operations_.size() - 1;
}

void list_history::end(std::size_t at, duration now, const us::outcome& how,
                       std::vector<std::uint64_t> seen) {
  auto& o = operations_[at];
  ++counts_[static_cast<std::size_t>(how.kind)];
  o.ended = now;
  o.outcome = how.kind;
  o.seen = std::move(seen);
  o.why = how.text;
  o.index = how.index;
  o.age = how.age;
}

std::size_t list_history::count(outcome_kind outcome) const {
  return counts_[static_cast<std::size_t>(outcome)];
}

std::size_t list_history::open() const {
  return static_cast<std::size_t>(std::count_if(operations_.begin(), operations_.end(),
                                                [](const operation& o) { return !o.outcome; }));
}

std::optional<std::string> list_history::check() const {
  std::map<std::string_view, std::vector<const operation*>> by_key;
  for (const auto& o : operations_) by_key[o.key].push_back(&o);
  for (const auto& [key, operations] : by_key)
    if (auto wrong = check_key(std::string{key}, operations)) return wrong;
  return std::nullopt;
}

namespace {

std::string saw_less(const operation& read, const operation& other) {
  return "a read by " + to_string(read.reads) + " saw " + std::to_string(read.seen.size()) +
         " items, and another had seen " + std::to_string(other.seen.size());
}

}  // namespace

/// `done`: what was answered by the leader. Clocks of nodes may run slower than time by `drift`.
std::optional<std::string> list_history::check_stale(const operation& read,
                                                     const std::vector<const operation*>& done) {
  constexpr double drift = 1.06;
  const auto at_most = [&](duration age) {
    return std::chrono::duration_cast<duration>(age * drift);
  };
  for (const auto* o : done) {
    if (o->seen.size() <= read.seen.size()) continue;
    if (read.reads.who == read_policy::kind::bounded &&
        *o->ended + at_most(read.reads.staleness) < read.began)
      return saw_less(read, *o) + " longer ago than that";
    if (read.age && *o->ended + at_most(*read.age) < read.began)
      return saw_less(read, *o) + " before the " +
             std::to_string(*read.age / std::chrono::microseconds{1}) +
             " us that it says it may lack";
  }
  return std::nullopt;
}

/// `answered`: by anybody, replicas too, to any client: a session passes an index on to wherever it
/// goes. A leader's answer may have seen only a part of the entry that it names.
std::optional<std::string> list_history::check_index(
    const operation& read, const std::vector<const operation*>& answered) {
  const auto by = "a read by " + to_string(read.reads);
  if (read.index < read.reads.after)
    return by + " tells index " + to_string(read.index) + ", and " + to_string(read.reads.after) +
           " was asked for";
  if (read.index.none() && !read.seen.empty()) return by + " saw items and tells no index";
  for (const auto* o : answered) {
    if (o->seen.size() <= read.seen.size() || o->index.none()) continue;
    const auto at = " at index " + to_string(o->index);
    if (o->index <= read.reads.after) return saw_less(read, *o) + at + ", which was asked for";
    if (o->index < read.index)
      return saw_less(read, *o) + at + ", before its own " + to_string(read.index);
  }
  return std::nullopt;
}

std::optional<std::string> list_history::check_key(
    const std::string& key, const std::vector<const operation*>& operations) {
  std::vector<const operation*> done;
  std::vector<std::uint64_t> longest;
  std::map<std::uint64_t, std::string> rejected;
  for (const auto* o : operations) {
    if (o->outcome == outcome_kind::rejected && o->item != 0) rejected.emplace(o->item, o->why);
    if (o->outcome != outcome_kind::done) continue;
    done.push_back(o);
    if (o->seen.size() > longest.size()) longest = o->seen;
  }
  const auto item = [](std::uint64_t i) { return "item " + std::to_string(i); };
  std::set<std::uint64_t> once;
  for (auto i : longest) {
    if (!once.insert(i).second) return key + ": " + item(i) + " was executed twice";
    if (rejected.contains(i))
      return key + ": " + item(i) + " was rejected (" + rejected[i] + ") and yet executed";
  }
  for (const auto* o : done) {
    if (!std::equal(o->seen.begin(), o->seen.end(), longest.begin()))
      return key + ": two requests saw different orders";
    if (o->reads.who != read_policy::kind::linearizable) continue;
    const bool appended = !o->seen.empty() && o->seen.back() == o->item;
    if (o->conditional && !appended) {
      if (o->seen.size() % 2 == 0)
        return key + ": " + item(o->item) + " was refused by a list of even length";
      if (once.contains(o->item))
        return key + ": " + item(o->item) + " was refused and yet executed";
      continue;
    }
    if (o->item != 0 && !appended)
      return key + ": an answer to the append of " + item(o->item) + " does not end with it";
    if (o->item != 0 && !once.contains(o->item))
      return key + ": acknowledged " + item(o->item) + " is lost";
  }
  const auto answered = done;
  std::vector<const operation*> stale;
  std::erase_if(done, [&](const operation* o) {
    if (o->reads.who == read_policy::kind::linearizable) return false;
    stale.push_back(o);
    return true;
  });
  for (const auto* o : stale) {
    if (auto wrong = check_stale(*o, done)) return key + ": " + *wrong;
    if (auto wrong = check_index(*o, answered)) return key + ": " + *wrong;
  }
  // In order of their beginning, every request sees at least what had been seen by those that ended
  // before.
  auto by_begin = done, by_end = done;
  std::sort(by_begin.begin(), by_begin.end(), [](auto* x, auto* y) { return x->began < y->began; });
  std::sort(by_end.begin(), by_end.end(), [](auto* x, auto* y) { return *x->ended < *y->ended; });
  std::size_t ended = 0, seen = 0;
  for (const auto* o : by_begin) {
    for (; ended < by_end.size() && *by_end[ended]->ended < o->began; ++ended)
      seen = std::max(seen, by_end[ended]->seen.size());
    if (o->seen.size() < seen)
      return key + ": a request saw " + std::to_string(o->seen.size()) +
             " items after another had seen " + std::to_string(seen);
  }
  return std::nullopt;
}

}  // namespace us::test
