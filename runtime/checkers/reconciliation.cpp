#include "runtime/checkers/reconciliation.hpp"

#include "runtime/checkers/history_value.hpp"

#include <algorithm>

namespace us {

namespace {

constexpr std::size_t named_max = 20;

std::string quoted(const std::string& text) {
  return to_text(history_value{text});
}

std::string line_of(const char* what, const std::vector<std::string>& names) {
  if (names.empty()) return {};
  auto line = std::to_string(names.size()) + " " + what + ":";
  for (std::size_t at = 0; at < std::min(names.size(), named_max); ++at)
    line += " " + quoted(names[at]);
  return line + (names.size() > named_max ? " ...\n" : "\n");
}

std::string held_as(const replica_contents& contents, const std::string& key) {
  const auto found = contents.find(key);
  return found == contents.end() ? "nothing" : quoted(found->second);
}

/// The first key on which two replicas differ; nullptr: none.
const std::string* first_difference(const replica_contents& a, const replica_contents& b) {
  const auto [in_a, in_b] = std::ranges::mismatch(a, b);
  if (in_a == a.end() && in_b == b.end()) return nullptr;
  if (in_a == a.end()) return &in_b->first;
  if (in_b == b.end()) return &in_a->first;
  return &std::min(in_a->first, in_b->first) == &in_a->first ? &in_a->first : &in_b->first;
}

}  // namespace

reconciliation reconcile(const request_outcomes& told, const std::vector<std::string>& applied) {
  std::map<std::string, std::size_t> times;
  for (const auto& name : applied) ++times[name];
  reconciliation result;
  for (const auto& name : told.acknowledged)
    if (!times.contains(name)) result.lost.push_back(name);
  for (const auto& [name, count] : times) {
    if (count > 1) result.duplicated.push_back(name);
    if (!told.acknowledged.contains(name) && !told.unknown.contains(name))
      result.unasked.push_back(name);
  }
  result.explanation = line_of("acknowledged and lost", result.lost) +
                       line_of("applied more than once", result.duplicated) +
                       line_of("applied and never acknowledged or open", result.unasked);
  return result;
}

convergence check_convergence(const std::map<std::string, replica_contents>& replicas) {
  if (replicas.empty()) return {};
  const auto& [first, contents] = *replicas.begin();
  for (const auto& [name, other] : replicas) {
    const auto* key = first_difference(contents, other);
    if (key == nullptr) continue;
    return {false, first, name, *key,
            "key " + quoted(*key) + ": replica " + first + " has " + held_as(contents, *key) +
                ", replica " + name + " has " + held_as(other, *key) + "\n"};
  }
  return {};
}

convergence check_convergence(const std::map<std::string, std::string>& digests) {
  for (const auto& [name, digest] : digests) {
    const auto& [first, expected] = *digests.begin();
    if (digest == expected) continue;
    return {false, first, name, "",
            "replica " + first + " has digest " + quoted(expected) + ", replica " + name + " has " +
                quoted(digest) + "\n"};
  }
  return {};
}

}  // namespace us
