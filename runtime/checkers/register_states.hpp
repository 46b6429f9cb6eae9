#pragma once
/// object_states of a register: a state is the number of a value. See object_states.hpp.

#include "runtime/checkers/object_states.hpp"

#include <unordered_map>

namespace us {

class register_states final : public object_states {
 public:
  register_states(const history& h, const std::vector<std::size_t>& subset, std::size_t until);

  state initial() const override { return initial_; }
  std::optional<state> after(state s, const planned_operation& o) override;
  bool agrees(state s, const planned_operation& o) const override;
  std::size_t last_observed(state s) const override { return values_[s].last_observed; }
  bool helps(const planned_operation& change, const planned_operation& o) const override;
  std::size_t last_helped(const planned_operation& change) const override;
  bool lost(state before, state now, const planned_operation& o) const override;
  const planned_operation* lost_later(state before, state now, std::size_t position) const override;
  bool restores(const planned_operation& change, const planned_operation& o) const override;
  std::size_t last_restored(const planned_operation& o) const override {
    return values_[o.from].last_produced;
  }

 private:
  struct value_facts {
    std::size_t last_observed = 0;             ///< end of what can tell it from others
    std::size_t last_wanted = 0;               ///< beginning of what observes or finds it
    std::size_t last_produced = 0;             ///< beginning of what leaves it
    std::optional<std::size_t> last_expected;  ///< operation that must see it and begins last
  };
  state number(const history_value& v);
  void plan(const operation& o, planned_operation p);
  void note(std::size_t which);

  std::unordered_map<history_value, state> numbers_;
  std::vector<value_facts> values_;
  std::size_t last_not_begun_ = 0;  ///< beginning of the last observe_not
  state initial_ = dead;
};

}  // namespace us
