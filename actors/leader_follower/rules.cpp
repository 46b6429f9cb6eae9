#include "actors/leader_follower/rules.hpp"

#include "runtime/mutants.hpp"
#include "runtime/probe.hpp"

#include <algorithm>

namespace us::rules {

bool grants_vote(const vote& own, const log_end& own_end, const ballot& asked) {
  if (asked.epoch < own.epoch) return false;
  const bool free =
      asked.epoch > own.epoch || own.candidate.none() || mutant(bug::vote_given_twice);
  if (mutant(bug::vote_for_any_log)) return free;
  if (!free && own.candidate != asked.candidate) probe(rare::vote_refused_used);
  if (asked.end < own_end) probe(rare::vote_refused_behind);
  return (free || own.candidate == asked.candidate) && asked.end >= own_end;
}

bool grants_pre_vote(us::epoch own_epoch, const log_end& own_end, bool hears_leader,
                     const ballot& asked) {
  if (mutant(bug::pre_vote_always)) return true;
  if (mutant(bug::pre_vote_despite_leader)) hears_leader = false;
  if (hears_leader) probe(rare::pre_vote_refused);
  if (asked.end < own_end) probe(rare::pre_vote_behind);
  return !hears_leader && asked.epoch > own_epoch && asked.end >= own_end;
}

unsigned election_patience(us::epoch own, us::epoch last_led) {
  const auto in_vain = own.value - std::min(own.value, last_led.value);
  return 1u << (std::clamp<std::uint64_t>(in_vain, 1, 4) - 1);
}

append_verdict match_previous(const change_log& log, log_index previous, us::epoch previous_epoch,
                              log_index commit) {
  if (mutant(bug::gap_accepted) && previous > log.last_index()) return {true, {}};
  if (previous > log.last_index()) probe(rare::append_after_gap);
  if (previous > log.last_index()) return {false, log.last_index().next()};
  auto here = log.epoch_at(previous);
  if (here && (*here == previous_epoch || mutant(bug::previous_epoch_unchecked))) return {true, {}};
  probe(rare::append_of_conflict);
  // Skip back over the whole conflicting epoch at once, but never below what is committed.
  auto back = previous;
  while (here && back > commit && back > log.first_index() && log.epoch_at(back.previous()) == here)
    back = back.previous();
  return {false, std::max(std::max(back, commit.next()), log.first_index())};
}

std::size_t already_present(const change_log& log, const std::vector<log_entry>& entries) {
  std::size_t count = 0;
  for (const auto& entry : entries) {
    if (entry.index > log.last_index() || log.epoch_at(entry.index) != entry.epoch) break;
    ++count;
  }
  return count;
}

log_index majority_match(std::vector<log_index> matches) {
  if (matches.empty()) return {};
  std::sort(matches.begin(), matches.end(), std::greater<>{});
  return matches[majority(matches.size()) - 1];
}

bool may_commit(log_index candidate, log_index commit, std::optional<us::epoch> epoch_of_candidate,
                us::epoch current) {
  if (mutant(bug::older_epoch_committed)) return candidate > commit;
  return candidate > commit && epoch_of_candidate == current;
}

}  // namespace us::rules
