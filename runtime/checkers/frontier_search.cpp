#include "runtime/checkers/frontier_search.hpp"

#include "runtime/checkers/candidate_steps.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace us {

namespace {

constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
constexpr std::array<std::size_t, 4> widths{16, 256, 4096, unlimited};

struct event {
  std::size_t position;
  std::uint32_t operation;
  bool begins;
};

std::vector<event> events_of(const object_states& states) {
  std::vector<event> events;
  for (std::uint32_t i = 0; i < states.operations().size(); ++i) {
    const auto& o = states.operations()[i];
    events.push_back({o.begun, i, true});
    if (!o.open()) events.push_back({o.ended, i, false});
  }
  std::ranges::sort(events, {}, &event::position);
  return events;
}

/// One pass through the events that holds at most `width` candidates.
class frontier_pass {
 public:
  frontier_pass(object_states& states, const search_limits& limits, std::size_t width)
      : states_(states),
        limits_(limits),
        width_(width),
        slots_(states),
        steps_(states, slots_),
        frontier_(slots_.layout()),
        next_(slots_.layout()),
        reached_(slots_.layout()),
        reached_idle_(slots_.layout()) {}

  frontier_outcome run() {
    std::vector<slot_table::slot> slot_of(states_.operations().size());
    candidate first(slots_.layout().row());
    first[0] = states_.initial();
    frontier_.add(first);
    for (const auto& e : events_of(states_)) {
      steps_.set_position(e.position);
      if (e.begins)
        begin(slot_of[e.operation] = slots_.take(e.operation), e.position);
      else
        end(slot_of[e.operation]);
      if (!outcome_.undecided_by.empty()) return outcome_;
      if (frontier_.size() == 0) {
        outcome_.blocked = states_.operations()[e.operation].index;
        outcome_.verdict = left_out_ ? verdict::undecided : verdict::not_linearizable;
        return outcome_;
      }
    }
    outcome_.verdict = verdict::linearizable;
    return outcome_;
  }

 private:
  using slot = slot_table::slot;
  struct pending {
    candidate c;
    bool any;  ///< sets may follow; after a step that bore no fruit only what builds on it may
  };

  void begin(slot s, std::size_t position) {
    const auto spent = slots_.spent(position);
    next_.clear();
    frontier_.each([&](candidate_view old) {
      candidate c{old.begin(), old.end()};
      c[0] = steps_.seen(static_cast<object_states::state>(c[0]));
      steps_.begin(c, s);
      for (const auto gone : spent) c = released(std::move(c), gone);
      next_.add(c);
    });
    for (const auto gone : spent) slots_.give_back(gone);
    std::swap(frontier_, next_);
  }

  void end(slot s) {
    next_.clear();
    reached_.clear();
    reached_idle_.clear();
    tried_ = 0;
    frontier_.each([&](candidate_view old) {
      candidate c{old.begin(), old.end()};
      c[0] = steps_.seen(static_cast<object_states::state>(c[0]));
      const bool settled = steps_.settled(c, s);
      if (settled) next_.add(released(c, s));
      if (!settled || steps_.worth_using(c, s)) try_moves(std::move(c), s);
    });
    if (next_.size() > width_) {
      next_.keep_best(width_);
      left_out_ = true;
    }
    slots_.give_back(s);
    std::swap(frontier_, next_);
  }

  candidate released(candidate c, slot s) const {
    clear_bit(c.data() + 1, s);
    clear_bit(c.data() + 1 + slots_.layout().words(), s);
    return c;
  }

  /// Gives changes their moments until the operation that ends is settled or, if it may matter,
  /// used: it is the last occasion.
  void try_moves(candidate c, slot target) {
    std::vector<pending> stack;
    stack.push_back({std::move(c), true});
    std::vector<slot> moves;
    while (!stack.empty()) {
      const auto from = std::move(stack.back());
      stack.pop_back();
      if (out_of_bounds()) return;
      steps_.moves(from.c, from.any, moves);
      for (const auto s : moves) try_move(from.c, s, target, stack);
    }
  }

  void try_move(candidate_view from, slot s, slot target, std::vector<pending>& stack) {
    if (width_ != unlimited && ++tried_ > 8 * width_ + 256) {
      left_out_ = true;
      return;
    }
    auto made = steps_.use(from, s);
    if (!made) return;
    if (steps_.settled(made->next, target)) {
      // By another change: only if it did more than hide the one that ends, which else could come
      // first, and the other one later.
      const bool by_other = !steps_.settled(from, target) && (made->fruitful || !steps_.is_set(s));
      if (s == target || by_other) next_.add(released(made->next, target));
      if (s == target || !steps_.worth_using(made->next, target)) return;
    }
    if (reached_.covers(made->next)) return;
    if (!(made->fruitful ? reached_ : reached_idle_).add(made->next)) return;
    stack.push_back({std::move(made->next), made->fruitful});
  }

  bool out_of_bounds() {
    if (!outcome_.undecided_by.empty()) return true;
    if (++looked_ % 64 != 0) return false;
    const auto bytes = frontier_.bytes() + next_.bytes() + reached_.bytes() + reached_idle_.bytes();
    if (bytes > limits_.memory_bytes)
      outcome_.undecided_by = "memory limit";
    else if (limits_.stop && limits_.stop())
      outcome_.undecided_by = "time limit";
    return !outcome_.undecided_by.empty();
  }

  object_states& states_;
  const search_limits& limits_;
  std::size_t width_;
  slot_table slots_;
  candidate_steps steps_;
  candidate_set frontier_;
  candidate_set next_;
  candidate_set reached_;       ///< at the present end
  candidate_set reached_idle_;  ///< by a step that bore no fruit
  std::size_t tried_ = 0;
  std::size_t looked_ = 0;
  bool left_out_ = false;
  frontier_outcome outcome_;
};

}  // namespace

frontier_outcome search_frontier(object_states& states, const search_limits& limits) {
  frontier_outcome outcome;
  for (const auto width : widths) {
    outcome = frontier_pass{states, limits, width}.run();
    if (outcome.verdict != verdict::undecided || !outcome.undecided_by.empty()) break;
  }
  return outcome;
}

}  // namespace us
