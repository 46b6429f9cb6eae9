#include "runtime/checkers/register_states.hpp"

#include <algorithm>

namespace us {

using kind = enum planned_operation::kind;

register_states::register_states(const history& h, const std::vector<std::size_t>& subset,
                                 std::size_t until)
    : values_(1) {
  initial_ = number(history_value{});
  for (const auto index : subset)
    if (auto p = plan_times(h, index, until)) plan(h[index], *p);
  for (std::size_t i = 0; i < operations_.size(); ++i) note(i);
}

object_states::state register_states::number(const history_value& v) {
  const auto [at, added] = numbers_.emplace(v, static_cast<state>(values_.size()));
  if (added) values_.emplace_back();
  return at->second;
}

void register_states::plan(const operation& o, planned_operation p) {
  if (o.f == "read") {
    p.kind = kind::observe;
    p.from = number(o.output);
    if (p.open()) return;
  } else if (o.f == "write") {
    p.kind = kind::set;
    p.to = number(o.input);
  } else {
    p.kind = o.outcome == operation_outcome::failed && !p.open() ? kind::observe_not : kind::swap;
    if (o.outcome == operation_outcome::failed && p.open()) return;
    p.from = number(o.expected);
    p.to = number(o.input);
  }
  operations_.push_back(p);
}

void register_states::note(std::size_t which) {
  const auto& p = operations_[which];
  auto& wanted = values_[p.from];
  if (p.kind != kind::set) wanted.last_observed = std::max(wanted.last_observed, p.ended);
  if (p.kind == kind::observe_not) last_not_begun_ = std::max(last_not_begun_, p.begun);
  if (p.expects()) wanted.last_wanted = std::max(wanted.last_wanted, p.begun);
  if (p.expects() && !p.open()) wanted.last_expected = which;
  if (p.changes()) values_[p.to].last_produced = std::max(values_[p.to].last_produced, p.begun);
}

std::optional<object_states::state> register_states::after(state s, const planned_operation& o) {
  if (o.kind == kind::set) return o.to;
  return s == o.from ? std::optional{o.to} : std::nullopt;
}

bool register_states::agrees(state s, const planned_operation& o) const {
  return (s == o.from) == (o.kind == kind::observe);
}

bool register_states::helps(const planned_operation& change, const planned_operation& o) const {
  if (o.kind == kind::observe_not) return true;
  return o.expects() && o.from == change.to;
}

std::size_t register_states::last_helped(const planned_operation& change) const {
  return std::max(values_[change.to].last_wanted, last_not_begun_);
}

bool register_states::lost(state before, state now, const planned_operation& o) const {
  return o.from == before && before != now;
}

const planned_operation* register_states::lost_later(state before, state now,
                                                     std::size_t position) const {
  const auto last = values_[before].last_expected;
  if (before == now || before == dead || !last) return nullptr;
  return operations_[*last].begun > position ? &operations_[*last] : nullptr;
}

bool register_states::restores(const planned_operation& change, const planned_operation& o) const {
  return change.to == o.from;
}

}  // namespace us
