#include "runtime/checkers/kv_states.hpp"

#include <algorithm>
#include <set>

namespace us {

namespace {

using kind = enum planned_operation::kind;

std::uint64_t pair_of(std::uint32_t a, std::uint32_t b) {
  return (std::uint64_t{a} << 32u) | b;
}

}  // namespace

kv_states::kv_states(const history& h, const std::vector<std::size_t>& subset, std::size_t until)
    : texts_(1) {
  plan_gets(h, subset, until);
  plan_changes(h, subset, until);
  std::ranges::sort(operations_, {}, &planned_operation::begun);
  for (const auto& p : operations_) {
    if (p.changes()) continue;
    auto& r = returned_[p.from];
    r.last_ended = std::max(r.last_ended, p.ended);
    r.last_begun = &p;  // they come in the order of their beginnings
    last_get_begun_ = std::max(last_get_begun_, p.begun);
  }
  prefixes_.resize(2);
  prefixes_[absent] = completed({0, static_cast<std::uint32_t>(returned_.size()), 0});
  note_restorers();
  note_tokens();
}

void kv_states::plan_gets(const history& h, const std::vector<std::size_t>& subset,
                          std::size_t until) {
  std::map<std::string, std::vector<planned_operation>> by_value;
  returned_.resize(1);
  for (const auto index : subset) {
    auto p = plan_times(h, index, until);
    if (h[index].f != "get" || !p || p->open()) continue;
    if (auto value = kv_bytes(h[index].output))
      by_value[std::move(*value)].push_back(*p);
    else
      operations_.push_back(*p);
  }
  for (auto& [value, gets] : by_value) {
    for (auto& p : gets) {
      p.from = static_cast<std::uint32_t>(returned_.size());
      operations_.push_back(p);
    }
    returned_.push_back({kept_.emplace_back(value)});
  }
}

void kv_states::plan_changes(const history& h, const std::vector<std::size_t>& subset,
                             std::size_t until) {
  for (const auto index : subset) {
    auto p = plan_times(h, index, until);
    if (h[index].f == "get" || !p) continue;
    p->kind = h[index].f == "put" ? kind::set : kind::append;
    p->to = text_number(h[index].input);
    operations_.push_back(*p);
  }
}

std::uint32_t kv_states::text_number(const history_value& v) {
  const auto bytes = kv_bytes(v);
  if (!bytes) return null_text;
  const auto found = text_numbers_.find(*bytes);
  if (found != text_numbers_.end()) return found->second;
  texts_.push_back(kept_.emplace_back(*bytes));
  const auto number = static_cast<std::uint32_t>(texts_.size() - 1);
  text_numbers_.emplace(texts_.back(), number);
  return number;
}

kv_states::prefix kv_states::completed(prefix p) const {
  for (auto at = p.first; at < p.last; ++at) {
    const auto& r = returned_[at];
    p.last_observed = std::max(p.last_observed, r.last_ended);
    if (r.last_begun != nullptr) p.last_begun = std::max(p.last_begun, r.last_begun->begun);
  }
  return p;
}

object_states::state kv_states::numbered(prefix p) {
  if (p.first == p.last) return dead;
  const auto [at, added] =
      numbers_.emplace(std::pair{p.first, p.length}, static_cast<state>(prefixes_.size()));
  if (added) prefixes_.push_back(completed(p));
  return at->second;
}

object_states::state kv_states::grown(const prefix& within, std::string_view more) {
  const auto part = [&](const returned& r) { return r.value.substr(within.length, more.size()); };
  const auto begin = returned_.begin() + std::max<std::uint32_t>(within.first, 1);
  const auto end = returned_.begin() + within.last;
  const auto range = std::ranges::equal_range(begin, end, more, {}, part);
  return numbered({static_cast<std::uint32_t>(range.begin() - returned_.begin()),
                   static_cast<std::uint32_t>(range.end() - returned_.begin()),
                   within.length + more.size()});
}

std::optional<object_states::state> kv_states::after(state s, const planned_operation& o) {
  if (o.kind == kind::set && o.to == null_text) return absent;
  if (o.kind == kind::append && s == dead) return dead;
  const auto from = o.kind == kind::set ? dead : s;
  const auto [at, added] = steps_.emplace(pair_of(from, o.to), dead);
  if (added) {
    const prefix all{1, static_cast<std::uint32_t>(returned_.size()), 0};
    const auto within = o.kind == kind::set ? all : prefixes_[s];
    at->second = grown(within, texts_[o.to]);
  }
  return at->second;
}

bool kv_states::agrees(state s, const planned_operation& o) const {
  if (s == dead) return false;
  const auto& value = returned_[o.from].value;
  if (s == absent) return value.empty();
  return prefixes_[s].covers(o.from) && value.size() == prefixes_[s].length;
}

bool kv_states::helps(const planned_operation& change, const planned_operation& o) const {
  if (o.changes()) return false;
  if (change.kind == kind::append) return contains(o.from, change.to);
  return restores(change, o);
}

std::size_t kv_states::last_helped(const planned_operation& change) const {
  if (change.kind == kind::append)
    return contents_known_ ? last_containing_[change.to] : last_get_begun_;
  if (change.to == null_text) return last_get_begun_;
  const auto found = steps_.find(pair_of(dead, change.to));
  return found == steps_.end() ? last_get_begun_ : prefixes_[found->second].last_begun;
}

bool kv_states::lost(state before, state now, const planned_operation& o) const {
  return o.kind == kind::observe && prefixes_[before].covers(o.from) &&
         !prefixes_[now].covers(o.from);
}

const planned_operation* kv_states::lost_later(state before, state now,
                                               std::size_t position) const {
  const auto [at, added] = lost_.emplace(pair_of(before, now), nullptr);
  if (added) {
    const auto& b = prefixes_[before];
    for (auto value = b.first; value < b.last; ++value) {
      const auto* last = returned_[value].last_begun;
      if (prefixes_[now].covers(value) || last == nullptr) continue;
      if (at->second == nullptr || last->begun > at->second->begun) at->second = last;
    }
  }
  return at->second != nullptr && at->second->begun > position ? at->second : nullptr;
}

bool kv_states::restores(const planned_operation& change, const planned_operation& o) const {
  if (change.kind != kind::set) return false;
  if (change.to == null_text) return true;
  return o.from != 0 && returned_[o.from].value.starts_with(texts_[change.to]);
}

void kv_states::note_restorers() {
  std::size_t last_removed = 0;
  std::unordered_map<std::string_view, std::size_t> last_put;
  std::set<std::size_t> lengths;
  for (const auto& p : operations_) {
    if (p.kind != kind::set) continue;
    if (p.to == null_text) {
      last_removed = p.begun;
      continue;
    }
    last_put[texts_[p.to]] = p.begun;
    lengths.insert(texts_[p.to].size());
    after(dead, p);  // so that last_helped knows it
  }
  last_restored_.assign(returned_.size(), last_removed);
  for (std::size_t number = 1; number < returned_.size(); ++number) {
    const auto& value = returned_[number].value;
    for (const auto length : lengths) {
      if (length > value.size()) break;
      const auto found = last_put.find(value.substr(0, length));
      if (found != last_put.end())
        last_restored_[number] = std::max(last_restored_[number], found->second);
    }
  }
}

// Only puts make what was appended before worth forgetting: without them nothing is looked up.
void kv_states::note_tokens() {
  constexpr std::size_t lookups_max = 20'000'000;
  std::set<std::size_t> lengths;
  bool any_set = false;
  for (const auto& p : operations_) {
    any_set = any_set || p.kind == kind::set;
    if (p.kind == kind::append) lengths.insert(texts_[p.to].size());
  }
  std::size_t bytes = 0;
  for (const auto& r : returned_) bytes += r.value.size();
  contents_known_ = any_set && bytes * lengths.size() <= lookups_max && !lengths.contains(0);
  if (!contents_known_) return;
  last_containing_.assign(texts_.size(), 0);
  for (std::uint32_t value = 1; value < returned_.size(); ++value)
    for (const auto length : lengths) note_tokens_in(value, length);
}

void kv_states::note_tokens_in(std::uint32_t value, std::size_t length) {
  const auto& r = returned_[value];
  for (std::size_t at = 0; at + length <= r.value.size(); ++at) {
    const auto found = text_numbers_.find(r.value.substr(at, length));
    if (found == text_numbers_.end()) continue;
    contents_.insert(pair_of(value, found->second));
    auto& last = last_containing_[found->second];
    if (r.last_begun != nullptr) last = std::max(last, r.last_begun->begun);
  }
}

bool kv_states::contains(std::uint32_t value, std::uint32_t text) const {
  return !contents_known_ || contents_.contains(pair_of(value, text));
}

}  // namespace us
