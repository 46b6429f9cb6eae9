#include "runtime/checkers/candidate_steps.hpp"

#include <algorithm>

namespace us {

using kind = enum planned_operation::kind;

// A state that nothing which is still to end can tell from another: all such states are one.
object_states::state candidate_steps::seen(object_states::state s) const {
  return states_.last_observed(s) < position_ ? object_states::dead : s;
}

bool candidate_steps::settles_in(object_states::state s, const planned_operation& o) const {
  if (!o.changes()) return states_.agrees(s, o);
  const auto after = states_.after(s, o);
  return after && seen(*after) == s;
}

// An observer whose state is here is given its moment here: it changes nothing, so whoever would
// give it a later moment can leave it out there. A change that changes nothing here may have its
// moment here at no cost, so it owes nothing any more; it stays usable, in case it is worth more
// later.
void candidate_steps::settle(candidate& c) {
  const auto s = state_of(c);
  for (slot each = 0; each < slots_.slots(); ++each)
    if (slots_[each] != slot_table::free && !settled(c, each) && settles_in(s, at(each)))
      set_bit(settled_bits(c), each);
}

void candidate_steps::begin(candidate& c, slot s) {
  const auto& o = at(s);
  if (o.changes()) set_bit(usable_bits(c), s);
  if (o.open() || settles_in(state_of(c), o)) set_bit(settled_bits(c), s);
}

// Right before a set, any set and append may have its moment unseen, and a swap may where it finds
// what it needs; all of them have begun, and none of those that owe something has ended.
void candidate_steps::hide_before_set(candidate& c) const {
  for (slot each = 0; each < slots_.slots(); ++each) {
    if (slots_[each] == slot_table::free || settled(c, each) || !at(each).changes()) continue;
    if (at(each).kind != kind::swap || states_.after(state_of(c), at(each)))
      set_bit(settled_bits(c), each);
  }
}

// A step is fruitful when it let an observer or a change be settled by the new state, or lets a
// swap that owes something happen.
bool candidate_steps::fruitful(candidate_view before, candidate_view after) const {
  if (!std::ranges::equal(before.subspan(1 + words_), after.subspan(1 + words_))) return true;
  for (slot each = 0; each < slots_.slots(); ++each) {
    if (slots_[each] == slot_table::free || settled(after, each)) continue;
    if (at(each).kind == kind::swap && states_.after(state_of(after), at(each))) return true;
  }
  return false;
}

bool candidate_steps::restorable(candidate_view c, const planned_operation& o) const {
  if (states_.last_restored(o) > position_) return true;
  for (slot each = 0; each < slots_.slots(); ++each)
    if (slots_[each] != slot_table::free && usable(c, each) && states_.restores(at(each), o))
      return true;
  return false;
}

// Whether something still expects what was lost by leaving the state, and nothing can bring it
// back.
bool candidate_steps::starves(candidate_view c, object_states::state left) const {
  const auto now = state_of(c);
  if (const auto* later = states_.lost_later(left, now, position_))
    if (!restorable(c, *later)) return true;
  for (slot each = 0; each < slots_.slots(); ++each) {
    if (slots_[each] == slot_table::free || settled(c, each) || !at(each).expects()) continue;
    if (states_.lost(left, now, at(each)) && !restorable(c, at(each))) return true;
  }
  return false;
}

// A change is useless when all that it could help has begun, is pending here, and is settled. To
// use it once more would serve nobody: whatever was hidden before it can be placed in its stead,
// for nothing sees the state until the next set.
bool candidate_steps::useless(candidate_view c, slot s) const {
  if (states_.last_helped(at(s)) > position_) return false;
  const auto& helped = slots_.helped_by(s);
  for (std::size_t word = 0; word < words_; ++word)
    if ((helped[word] & ~c[1 + words_ + word]) != 0) return false;
  // A swap that is helped may want to be used although it owes nothing.
  for (slot each = 0; each < slots_.slots(); ++each)
    if (has_bit(helped.data(), each) && at(each).changes() && usable(c, each)) return false;
  return true;
}

bool candidate_steps::worth_using(candidate_view c, slot s) const {
  return at(s).changes() && usable(c, s) && !useless(c, s);
}

// What owes nothing and serves nobody is the same used or unused: it counts as the one that allows
// more.
void candidate_steps::forget_useless(candidate& c) const {
  for (slot each = 0; each < slots_.slots(); ++each) {
    if (slots_[each] == slot_table::free || !at(each).changes()) continue;
    if (settled(c, each) && useless(c, each)) set_bit(usable_bits(c), each);
  }
}

std::optional<candidate_steps::made> candidate_steps::use(candidate_view c, slot s) {
  const auto before = state_of(c);
  const auto after = states_.after(before, at(s));
  if (!after) return {};
  made result{{c.begin(), c.end()}, false};
  auto& next = result.next;
  if (is_set(s)) hide_before_set(next);
  clear_bit(usable_bits(next), s);
  set_bit(settled_bits(next), s);
  next[0] = seen(*after);
  const auto hidden = next;
  settle(next);
  if (starves(next, before)) return {};
  result.fruitful = fruitful(hidden, next);
  forget_useless(next);
  return result;
}

namespace {

/// Equal for changes that are the same from here on: sets and swaps by the state that they leave
/// (what two of them leave is dead, if it is, for ever), appends by what they append.
std::uint64_t what_it_does(const planned_operation& o, object_states::state after) {
  const std::uint64_t what = o.kind == kind::append ? o.to : after;
  return what << 2u | (static_cast<std::uint64_t>(o.kind) - static_cast<std::uint64_t>(kind::set));
}

}  // namespace

// Not worth a try: what owes nothing and either serves nobody or changes nothing. A set that changes
// nothing may still be what others hide before.
bool candidate_steps::idle(candidate_view c, slot s, object_states::state after) const {
  return settled(c, s) && (useless(c, s) || (after == state_of(c) && !is_set(s)));
}

// Of changes that do the same, the one that ends first is tried: who used a later one could have
// used this. Those that owe something and those that do not are apart, because what owes cannot be
// left.
void candidate_steps::moves(candidate_view c, bool any, std::vector<slot>& to) {
  to.clear();
  moves_.clear();
  for (slot each = 0; each < slots_.slots(); ++each) {
    if (slots_[each] == slot_table::free || !usable(c, each) || (!any && is_set(each))) continue;
    const auto after = states_.after(state_of(c), at(each));
    if (!after || idle(c, each, seen(*after))) continue;
    const auto what = what_it_does(at(each), seen(*after)) << 1u | (settled(c, each) ? 1u : 0u);
    const auto same = std::ranges::find(moves_, what, &move::kind);
    if (same == moves_.end())
      moves_.push_back({what, each, states_.last_helped(at(each)) > position_});
    else if (at(each).ended < at(same->at).ended)
      same->at = each;
  }
  std::ranges::stable_sort(moves_, std::ranges::greater{}, &move::needed_later);
  for (const auto& m : moves_) to.push_back(m.at);
}

}  // namespace us
