#include "runtime/checkers/linearizability.hpp"

#include "runtime/checkers/frontier_search.hpp"
#include "runtime/checkers/reason.hpp"

#include <map>

namespace us {

namespace {

/// Operations that cannot matter: what failed, except a cas; and reads whose answer nobody heard.
bool matters(const operation& o) {
  const bool observes = o.f == "read" || o.f == "get";
  if (o.outcome == operation_outcome::failed) return o.f == "cas";
  return o.outcome == operation_outcome::done || !observes;
}

}  // namespace

std::vector<std::pair<std::string, std::vector<std::size_t>>> operations_by_key(const history& h) {
  std::map<std::string, std::vector<std::size_t>> keys;
  for (std::size_t i = 0; i < h.size(); ++i)
    if (matters(h[i])) keys[h[i].key].push_back(i);
  return {keys.begin(), keys.end()};
}

linearizability check_linearizable(const history& h, object_model model,
                                   const search_limits& limits) {
  return check_keys(h, [&](const std::vector<std::size_t>& subset) {
    const auto states = make_object_states(h, subset, model, h.positions());
    const auto outcome = search_frontier(*states, limits);
    if (outcome.verdict == verdict::not_linearizable)
      return find_reason(h, subset, model, outcome.blocked);
    search_result found;
    found.verdict = outcome.verdict;
    found.undecided_by = outcome.undecided_by;
    return found;
  });
}

}  // namespace us
