#pragma once
/// Is a history linearizable: can every operation be given one moment between its beginning and its
/// end, so that one object, doing them one at a time in that order, returns what was returned?
///
/// Operations on different keys are checked apart (a history is linearizable when it is for every
/// object: Herlihy and Wing 1990, theorem 1). Open operations may be given a moment or none; failed
/// ones have none, except a cas, whose failure is an observation.
///
/// Deciding is NP-complete, so memory and patience have bounds, and what meets one ends as
/// `undecided`. For a register and a key-value object: frontier_search.hpp. For models of users:
/// wing_gong_search.hpp.

#include "runtime/checkers/object_model.hpp"
#include "runtime/checkers/search_result.hpp"
#include "runtime/checkers/wing_gong_search.hpp"

#include <string>

namespace us {

struct linearizability {
  enum verdict verdict = verdict::linearizable;
  std::string key;          ///< the first one that is not linearizable, or not decided
  std::string explanation;  ///< lines for a person; empty when linearizable
  search_result found;      ///< of that key; indices are of the whole history
};

/// By the two models of ours.
linearizability check_linearizable(const history& h, object_model model,
                                   const search_limits& limits = {});

/// What the checkers of single keys see: the operations that matter, by key.
std::vector<std::pair<std::string, std::vector<std::size_t>>> operations_by_key(const history& h);

/// Why a key's operations are not linearizable, in lines.
std::string explain(const history& h, const std::string& key, const search_result& found);

/// Checks each key by `search(subset)`, and stops at the first that is not linearizable.
template <class Search>
linearizability check_keys(const history& h, Search search) {
  linearizability result;
  for (const auto& [key, subset] : operations_by_key(h)) {
    auto found = search(subset);
    if (found.verdict == verdict::linearizable) continue;
    if (found.verdict == verdict::undecided && result.verdict == verdict::undecided) continue;
    result.verdict = found.verdict;
    result.key = key;
    result.explanation = explain(h, key, found);
    result.found = std::move(found);
    if (result.verdict == verdict::not_linearizable) break;
  }
  return result;
}

/// By any sequential model.
template <sequential_model Model>
linearizability check_linearizable(const history& h, const Model& model,
                                   const search_limits& limits = {}) {
  return check_keys(h, [&](const std::vector<std::size_t>& subset) {
    return wing_gong_search<Model>{h, subset, model, limits}.run();
  });
}

}  // namespace us
