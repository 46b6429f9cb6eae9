#pragma once
/// Searches for a linearization of one object's operations, by any sequential model.
///
/// Depth first: of the operations that have begun before the first end among those not yet placed,
/// one that the model allows is placed next; where none is left, the last one is taken back. A pair
/// of (which are placed, state) that was reached before is not searched again.
///
/// Owns what it remembers, within search_limits; states are kept once. Source: Wing and Gong 1993;
/// Lowe, Testing for linearizability, 2017 (the memory, and lists to lift from); the same shape as
/// porcupine and knossos.

#include "runtime/checkers/entry_list.hpp"
#include "runtime/checkers/object_model.hpp"
#include "runtime/checkers/search_memory.hpp"
#include "runtime/checkers/search_result.hpp"

#include <unordered_map>
#include <vector>

namespace us {

template <sequential_model Model>
class wing_gong_search {
 public:
  using state = typename Model::state;

  /// `subset`: indices of one object's operations in `h`, in the order in which they began. What
  /// ends at position `until` or later counts as open.
  wing_gong_search(const history& h, const std::vector<std::size_t>& subset, const Model& model,
                   const search_limits& limits, std::size_t until = operation::never)
      : history_(h),
        subset_(subset),
        model_(model),
        limits_(limits),
        until_(until),
        list_(h, subset, until),
        states_(16, state_hash{&model}),
        memory_(subset.size()) {}

  search_result run() {
    for (const auto index : subset_)
      if (must_be_placed(history_[index])) ++to_place_;
    auto now = state_number(model_.initial());
    auto at = list_.next(entry_list::head);
    while (to_place_ > 0) {
      if (++steps_ % 1024 == 0 && out_of_bounds()) return std::move(result_);
      if (list_.is_begin(at)) {
        const auto next = place(at, now);
        at = next ? list_.next(entry_list::head) : list_.next(at);
        if (next) now = *next;
        continue;
      }
      remember_longest(at);
      if (placed_.empty()) return blocked();
      now = placed_.back().before;
      at = take_back();
    }
    result_.verdict = verdict::linearizable;
    result_.linearized = order();
    result_.unplaced.clear();
    result_.blocked = search_result::none;
    return std::move(result_);
  }

 private:
  struct step {
    entry_list::entry begin;
    std::uint32_t before;  ///< the state before it
  };
  struct state_hash {
    const Model* model;
    std::size_t operator()(const state& s) const { return model->hash(s); }
  };

  const operation& operation_at(entry_list::entry e) const {
    return history_[subset_[list_.operation_of(e)]];
  }

  bool must_be_placed(const operation& o) const { return o.ended < until_; }

  std::uint32_t state_number(state s) {
    const auto [at, added] =
        states_.emplace(std::move(s), static_cast<std::uint32_t>(numbered_.size()));
    if (added) {
      numbered_.push_back(&at->first);
      state_bytes_ += sizeof(state) + 64 + extra_bytes(at->first);
    }
    return at->second;
  }
  static std::size_t extra_bytes(const state& s) {
    if constexpr (requires { s->size(); }) return s ? s->size() : 0;
    if constexpr (requires { s.size(); }) return s.size();
    return 0;
  }

  /// The state after the operation is placed, unless the model or the memory says no.
  std::optional<std::uint32_t> place(entry_list::entry begin, std::uint32_t now) {
    const auto& o = operation_at(begin);
    auto next = model_.step(*numbered_[now], o);
    if (!next) return {};
    const auto number = state_number(std::move(*next));
    const auto which = list_.operation_of(begin);
    memory_.flip(which);
    if (!memory_.remember(number)) return memory_.flip(which), std::nullopt;
    placed_.push_back({begin, now});
    if (must_be_placed(o)) --to_place_;
    list_.lift(begin);
    return number;
  }

  entry_list::entry take_back() {
    const auto last = placed_.back().begin;
    placed_.pop_back();
    memory_.flip(list_.operation_of(last));
    if (must_be_placed(operation_at(last))) ++to_place_;
    list_.put_back(last);
    return list_.next(last);
  }

  std::vector<std::size_t> order() const {
    std::vector<std::size_t> indices;
    for (const auto& s : placed_) indices.push_back(subset_[list_.operation_of(s.begin)]);
    return indices;
  }

  /// At the end entry at which the search got stuck.
  void remember_longest(entry_list::entry end) {
    if (result_.blocked != search_result::none && placed_.size() <= result_.linearized.size())
      return;
    result_.linearized = order();
    result_.blocked = subset_[list_.operation_of(end)];
    result_.unplaced.clear();
    for (auto e = list_.next(entry_list::head); e != end; e = list_.next(e))
      result_.unplaced.push_back(subset_[list_.operation_of(e)]);
  }

  search_result blocked() {
    result_.verdict = verdict::not_linearizable;
    return std::move(result_);
  }

  bool out_of_bounds() {
    if (memory_.bytes() + state_bytes_ > limits_.memory_bytes)
      result_.undecided_by = "memory limit";
    else if (limits_.stop && limits_.stop())
      result_.undecided_by = "time limit";
    return !result_.undecided_by.empty();
  }

  const history& history_;
  const std::vector<std::size_t>& subset_;
  const Model& model_;
  const search_limits& limits_;
  std::size_t until_;
  entry_list list_;
  std::unordered_map<state, std::uint32_t, state_hash> states_;
  std::vector<const state*> numbered_;
  std::size_t state_bytes_ = 0;
  search_memory memory_;
  std::vector<step> placed_;
  std::size_t to_place_ = 0;
  std::size_t steps_ = 0;
  search_result result_;
};

}  // namespace us
