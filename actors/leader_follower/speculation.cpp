#include "actors/leader_follower/speculation.hpp"

#include "runtime/mutants.hpp"

#include <algorithm>

namespace us {

namespace {

std::string_view text_of(capnp::Data::Reader data) {
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}

change change_of(message::Change::Reader reader) {
  std::string key{text_of(reader.getKey())};
  switch (reader.which()) {
    case message::Change::VALUE:
      return {change_kind::put, std::move(key), std::string{text_of(reader.getValue())}};
    case message::Change::ERASED: return {change_kind::erased, std::move(key), {}};
    case message::Change::CLEARED: return {change_kind::cleared, {}, {}};
  }
  return {change_kind::cleared, {}, {}};
}

}  // namespace

speculation::speculation(replica_store& store) : store_(store), size_(store.state->size()) {
  if (mutant(bug::uncommitted_forgotten_by_leader)) return;
  for (const auto& entry : store.waiting) add(entry);
}

record_bytes speculation::get(std::string_view key) const {
  if (auto at = writes_.find(key); at != writes_.end()) {
    if (!at->second.value) return std::nullopt;
    return std::string_view{*at->second.value};
  }
  if (!cleared_.none()) return std::nullopt;
  return store_.state->get(key);
}

log_index speculation::written_by(std::string_view key) const {
  const auto at = writes_.find(key);
  return at == writes_.end() ? cleared_ : at->second.index;
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
  auto at = requests_.find({session.value, sequence.value});
  if (at != requests_.end() && !mutant(bug::retry_of_uncommitted_executed))
    return &at->second.reply;
  return store_.sessions.find(session, sequence);
}

void speculation::add(const change& c, log_index index) {
  by_slot_valid_ = false;
  if (c.kind == change_kind::cleared) {
    writes_.clear();
    cleared_ = index;
    size_ = 0;
    return;
  }
  const bool is = c.kind == change_kind::put;
  auto [at, added] = writes_.try_emplace(c.key);
  const bool was = added ? cleared_.none() && store_.state->get(c.key).has_value()
                         : at->second.value.has_value();
  at->second = {is ? std::optional{c.value} : std::nullopt, index};
  size_ += static_cast<std::uint64_t>(is) - static_cast<std::uint64_t>(was);
}

void speculation::add(const request_outcome& o, log_index index) {
  requests_.insert_or_assign({o.session.value, o.sequence.value}, request{o.reply, index});
}

void speculation::add(const session_mark& m, log_index index) {
  sessions_.insert_or_assign(m.session, open_session{m.first_open, index});
}

void speculation::add(const log_entry& entry) {
  opened_entry opened{entry};
  auto content = opened.get();
  for (auto c : content.getChanges()) add(change_of(c), entry.index);
  for (auto o : content.getOutcomes())
    add(request_outcome{{o.getSession()}, {o.getSequence()}, std::string{text_of(o.getReply())}},
        entry.index);
  for (auto m : content.getSessions())
    add(session_mark{{m.getSession()}, {m.getFirstOpen()}}, entry.index);
}

void speculation::committed(const log_entry& entry) {
  by_slot_valid_ = false;
  opened_entry opened{entry};
  auto content = opened.get();
  for (auto c : content.getChanges()) {
    auto at = writes_.find(text_of(c.getKey()));
    if (at != writes_.end() && at->second.index <= entry.index) writes_.erase(at);
  }
  if (cleared_ <= entry.index) cleared_ = {};
  for (auto o : content.getOutcomes()) requests_.erase({o.getSession(), o.getSequence()});
  for (auto m : content.getSessions()) {
    auto at = sessions_.find(session_id{m.getSession()});
    if (at != sessions_.end() && at->second.index <= entry.index) sessions_.erase(at);
  }
}

record_bytes transaction::get(std::string_view key) {
  if (const auto* c = find(key)) {
    if (c->kind != change_kind::put) return std::nullopt;
    return std::string_view{c->value};
  }
  if (cleared_) return std::nullopt;
  seen_ = std::max(seen_, base_.written_by(key));
  return base_.get(key);
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
