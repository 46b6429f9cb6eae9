#pragma once
/// Decides whether the operations of one register or key-value object are linearizable.
///
/// Goes through the beginnings and ends in order and holds every candidate (candidate_set.hpp) of
/// what may be true by then. An operation is given its moment as late as possible: when it ends, or
/// when another one that ends needs it (just-in-time linearization: Lowe 2017, section 5). When no
/// candidate is left, the history is not linearizable.
///
/// What keeps candidates few; each rule is argued where it stands (candidate_steps.cpp):
/// - an observer is given its moment as soon as a state agrees with it;
/// - a change need not be placed when it can be hidden: where it changes nothing, or right before a
/// set;
/// - states that nothing can tell apart any more are one (`dead`);
/// - a candidate that allows all that another allows replaces it;
/// - a state that is still expected is not left when nothing can bring it back.
///
/// Goes wide in steps: first with few candidates, which finds most linearizations, then with more.
/// To find one with some candidates left out is a proof; not to find one is a proof only when none
/// was.

#include "runtime/checkers/object_states.hpp"
#include "runtime/checkers/search_result.hpp"

namespace us {

struct frontier_outcome {
  enum verdict verdict = verdict::undecided;
  std::string undecided_by;
  std::size_t blocked = search_result::none;  ///< the operation at whose end no candidate was left
};

frontier_outcome search_frontier(object_states& states, const search_limits& limits);

}  // namespace us
