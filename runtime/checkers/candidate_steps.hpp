#pragma once
/// What may come of a candidate: the rules of frontier_search.hpp for one candidate at one
/// position.
///
/// Owns nothing but scratch. A step never loses the way to a linearization: each rule in
/// candidate_steps.cpp says why.

#include "runtime/checkers/candidate_set.hpp"
#include "runtime/checkers/object_states.hpp"
#include "runtime/checkers/slot_table.hpp"

#include <optional>
#include <vector>

namespace us {

class candidate_steps {
 public:
  using slot = slot_table::slot;
  struct made {
    candidate next;
    bool fruitful = false;  ///< it settled something other than itself and what it hides
  };

  candidate_steps(object_states& states, const slot_table& slots)
      : states_(states), slots_(slots), words_(slots.layout().words()) {}

  /// Everything is as it looks at this position; observed states may have become dead.
  void set_position(std::size_t position) { position_ = position; }
  object_states::state seen(object_states::state s) const;

  /// An operation has begun and taken a slot.
  void begin(candidate& c, slot s);
  /// Gives the change its moment now; nothing: it cannot be, or leads nowhere.
  std::optional<made> use(candidate_view c, slot s);
  /// The changes worth trying, the most promising last. `any`: also sets.
  void moves(candidate_view c, bool any, std::vector<slot>& to);

  /// Whether giving the pending operation its moment may yet matter to another one.
  bool worth_using(candidate_view c, slot s) const;
  bool settled(candidate_view c, slot s) const { return has_bit(c.data() + 1 + words_, s); }
  bool usable(candidate_view c, slot s) const { return has_bit(c.data() + 1, s); }
  bool is_set(slot s) const { return at(s).kind == planned_operation::kind::set; }

 private:
  const planned_operation& at(slot s) const { return states_.operations()[slots_[s]]; }
  std::uint64_t* usable_bits(candidate& c) const { return c.data() + 1; }
  std::uint64_t* settled_bits(candidate& c) const { return c.data() + 1 + words_; }
  object_states::state state_of(candidate_view c) const {
    return static_cast<object_states::state>(c[0]);
  }

  void hide_before_set(candidate& c) const;
  void settle(candidate& c);
  bool settles_in(object_states::state s, const planned_operation& o) const;
  bool fruitful(candidate_view before, candidate_view after) const;
  bool starves(candidate_view c, object_states::state left) const;
  bool restorable(candidate_view c, const planned_operation& o) const;
  bool idle(candidate_view c, slot s, object_states::state after) const;
  bool useless(candidate_view c, slot s) const;
  void forget_useless(candidate& c) const;

  struct move {
    std::uint64_t kind;  ///< what the change does, as far as it matters
    slot at;
    bool needed_later;
  };

  object_states& states_;
  const slot_table& slots_;
  std::size_t words_;
  std::size_t position_ = 0;
  std::vector<move> moves_;
};

}  // namespace us
