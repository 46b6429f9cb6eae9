#include "actors/leader_follower/speculation.hpp"

#include "runtime/mutants.hpp"

#include <algorithm>
#include <utility>

namespace us {

speculation::speculation(replica_store& store) : store_(store) {
  if (mutant(bug::uncommitted_forgotten_by_leader)) return;
  for (const auto& waiting : store.waiting) {
    const auto& content = held_.emplace_back(entry{waiting.index, effects_of(waiting)}).content;
    for (const auto& c : content.changes) show(c, waiting.index);
    for (const auto& o : content.outcomes) show(o);
    for (const auto& m : content.sessions) show(m, waiting.index);
  }
}

speculation::seen speculation::look(std::string_view key) const {
  if (auto at = writes_.find(key); at != writes_.end()) {
    const auto& [value, index] = at->second;
    if (!value) return {std::nullopt, index};
    return {*value, index};
  }
  if (!cleared_.none()) return {std::nullopt, cleared_};
  return {store_.state->get(key), {}};
}

std::uint64_t speculation::size() const {
  const bool seen = cleared_.none();
  auto count = seen ? store_.state->size() : 0;
  for (const auto& [key, w] : writes_) {
    const bool was = seen && store_.state->get(key).has_value();
    count += static_cast<std::uint64_t>(w.value.has_value()) - static_cast<std::uint64_t>(was);
  }
  return count;
}

bool speculation::empty() const {
  if (cleared_.none() && store_.state->size() > writes_.size()) return false;
  return size() == 0;
}

void speculation::each_in_slot(
    std::uint32_t slot, const std::function<void(std::string_view, std::string_view)>& f) const {
  if (cleared_.none())
    store_.state->each_in_slot(slot, [&](std::string_view key, std::string_view value) {
      if (writes_.empty() || writes_.find(key) == writes_.end()) f(key, value);
    });
  if (writes_.empty()) return;
  index_by_slot();
  auto at = by_slot_.find(slot);
  if (at == by_slot_.end()) return;
  for (auto key : at->second)
    if (const auto& w = writes_.find(key)->second; w.value) f(key, *w.value);
}

void speculation::index_by_slot() const {
  if (by_slot_valid_) return;
  by_slot_.clear();
  for (const auto& [key, w] : writes_) by_slot_[state::slot_of(key)].push_back(key);
  for (auto& [slot, keys] : by_slot_) std::sort(keys.begin(), keys.end());
  by_slot_valid_ = true;
}

bool speculation::knows(session_id session) const {
  return store_.sessions.known(session) || sessions_.contains(session);
}

request_sequence speculation::first_open(session_id session) const {
  auto at = sessions_.find(session);
  auto committed = store_.sessions.first_open(session);
  return at == sessions_.end() ? committed : std::max(committed, at->second.first_open);
}

const std::string* speculation::find(session_id session, request_sequence sequence) const {
  auto at = replies_.find(session);
  const auto* waiting = at == replies_.end() ? nullptr : at->second.find(sequence);
  if (waiting != nullptr && !mutant(bug::retry_of_uncommitted_executed)) return *waiting;
  return store_.sessions.find(session, sequence);
}

entry_content& speculation::open(log_index index) {
  if (!std::exchange(open_, true)) held_.push_back({index, {}});
  return held_.back().content;
}

void speculation::add(change c, log_index index) {
  auto& changes = open(index).changes;
  changes.push_back(std::move(c));
  show(changes.back(), index);
}

const std::string* speculation::add(request_outcome o, log_index index) {
  auto& outcomes = open(index).outcomes;
  outcomes.push_back(std::move(o));
  show(outcomes.back());
  return &outcomes.back().reply;
}

void speculation::add(const session_mark& m, log_index index) {
  open(index).sessions.push_back(m);
  show(m, index);
}

void speculation::add(early_request r, capnp::MessageBuilder& body, log_index index) {
  auto& content = open(index);
  r.body_begin = content.bodies.size();
  append_bytes(content.bodies, body);
  r.body_end = content.bodies.size();
  content.early.push_back(r);
}

const entry_content& speculation::close(std::int64_t wall_ms, node_id leader) {
  auto& content = held_.back().content;
  content.wall_ms = wall_ms;
  content.leader = leader;
  open_ = false;
  return content;
}

void speculation::show(const change& c, log_index index) {
  by_slot_valid_ = false;
  if (c.kind == change_kind::cleared) {
    writes_.clear();
    cleared_ = index;
    return;
  }
  auto [at, added] = writes_.try_emplace(c.key);
  if (!added) {  // the key so far is one of an entry that goes before this one does
    auto node = writes_.extract(at);
    node.key() = c.key;
    at = writes_.insert(std::move(node)).position;
  }
  const bool is = c.kind == change_kind::put;
  at->second = {is ? std::optional<std::string_view>{c.value} : std::nullopt, index};
}

void speculation::show(const request_outcome& o) {
  replies_[o.session].put(o.sequence, &o.reply);
}

void speculation::show(const session_mark& m, log_index index) {
  sessions_.insert_or_assign(m.session, open_session{m.first_open, index});
}

void speculation::committed(log_index index) {
  by_slot_valid_ = false;
  if (cleared_ <= index) cleared_ = {};
  while (!held_.empty() && held_.front().index <= index) {
    const auto& content = held_.front().content;
    for (const auto& c : content.changes)
      if (auto at = writes_.find(c.key); at != writes_.end() && at->second.index <= index)
        writes_.erase(at);
    for (const auto& o : content.outcomes) {
      auto at = replies_.find(o.session);
      if (at == replies_.end()) continue;
      at->second.erase(o.sequence);
      if (at->second.empty()) replies_.erase(at);
    }
    for (const auto& m : content.sessions) {
      auto at = sessions_.find(m.session);
      if (at != sessions_.end() && at->second.index <= index) sessions_.erase(at);
    }
    held_.pop_front();
  }
}

record_bytes transaction::get(std::string_view key) {
  if (const auto* c = find(key)) {
    if (c->kind != change_kind::put) return std::nullopt;
    return std::string_view{c->value};
  }
  if (cleared_) return std::nullopt;
  auto found = base_.look(key);
  seen_ = std::max(seen_, found.written_by);
  return std::move(found.bytes);
}

const change* transaction::find(std::string_view key) const {
  constexpr std::size_t few = 8;
  if (changes_.size() <= few) {
    for (auto at = changes_.size(); at-- > 0 && changes_[at].kind != change_kind::cleared;)
      if (changes_[at].key == key) return &changes_[at];
    return nullptr;
  }
  index();
  auto at = newest_.find(key);
  return at == newest_.end() ? nullptr : &changes_[at->second];
}

void transaction::index() const {
  for (; indexed_ < changes_.size(); ++indexed_)
    newest_.insert_or_assign(changes_[indexed_].key, indexed_);
}

std::size_t transaction::bytes() const {
  std::size_t sum = 0;
  for (const auto& c : changes_) sum += c.key.size() + c.value.size();
  return sum;
}

void transaction::put(std::string_view key, std::string value) {
  changes_.push_back({change_kind::put, std::string{key}, std::move(value)});
}

void transaction::erase(std::string_view key) {
  if (get(key)) changes_.push_back({change_kind::erased, std::string{key}, {}});
}

void transaction::clear() {
  cleared_ = changes_.size();
  changes_.push_back({change_kind::cleared, {}, {}});
  newest_.clear();
  indexed_ = changes_.size();
}

std::uint64_t transaction::size() {
  seen_all_ = true;
  index();
  std::uint64_t count = cleared_ ? 0 : base_.size();
  for (const auto& [key, at] : newest_) {
    const bool was = !cleared_ && base_.get(key).has_value();
    const bool is = changes_[at].kind == change_kind::put;
    count += static_cast<std::uint64_t>(is) - static_cast<std::uint64_t>(was);
  }
  return count;
}

bool transaction::empty() {
  seen_all_ = true;
  return changes_.empty() ? base_.empty() : size() == 0;
}

void transaction::each_in_slot(std::uint32_t slot,
                               const std::function<void(std::string_view, std::string_view)>& f) {
  seen_all_ = true;
  if (!cleared_)
    base_.each_in_slot(slot, [&](std::string_view key, std::string_view value) {
      if (find(key) == nullptr) f(key, value);
    });
  index();
  for (const auto& [key, at] : newest_)
    if (changes_[at].kind == change_kind::put && state::slot_of(key) == slot)
      f(key, changes_[at].value);
}

}  // namespace us
