// Commands that read and write whole values or parts of them.
#include "apps/kv/command_functions.hpp"

#include <algorithm>

namespace kv::run {

namespace {

// Builds a value from an old one's bytes changed in place by `change(bytes)`; keeps the expiry. The
// old bytes are in the state or in the record's former builder: they are copied before either goes.
template <class Change>
void rebuild(call& c, us::record<Value>* old, std::size_t size, Change change) {
  const auto before = old != nullptr ? value_of(*old) : std::string_view{};
  const auto expires_at = old != nullptr ? expiry_of(*old) : never;
  auto fresh = c.records[c.argument(1)].reset();
  auto bytes = fresh.initData(static_cast<unsigned>(size));
  if (!before.empty()) std::memcpy(bytes.begin(), before.data(), std::min(before.size(), size));
  change(bytes);
  fresh.setExpiresAtMillis(expires_at);
  c.integer(size);
}

}  // namespace

void get(call& c) {
  if (auto* record = c.find(c.argument(1)))
    c.bulk(value_of(*record));
  else
    c.nil();
}

void getset(call& c) {
  get(c);
  c.put(c.argument(1), c.argument(2), never);
}

void getdel(call& c) {
  get(c);
  if (c.find(c.argument(1)) != nullptr) c.erase(c.argument(1));
}

void mget(call& c) {
  auto values = c.answer.initArray(c.count() - 1);
  std::size_t bytes = 0;
  for (unsigned i = 1; i < c.count(); ++i) {
    auto* record = c.find(c.argument(i));
    if (record == nullptr) continue;  // an answer is nil from the start
    bytes += value_of(*record).size();
    if (bytes > limits::answer_bytes) return c.error(text::answer_too_long);
    values[i - 1].setBulk(record->read().getData());
  }
}

void mset(call& c) {
  if (c.count() % 2 == 0) return c.error(wrong_arity_text(c.what.name));
  for (unsigned i = 1; i < c.count(); i += 2) c.put(c.argument(i), c.argument(i + 1), never);
  c.ok();
}

void msetnx(call& c) {
  if (c.count() % 2 == 0) return c.error(wrong_arity_text(c.what.name));
  for (unsigned i = 1; i < c.count(); i += 2)
    if (c.find(c.argument(i)) != nullptr) return c.integer(std::int64_t{0});
  mset(c);
  c.integer(std::int64_t{1});
}

void append(call& c) {
  auto* old = c.find(c.argument(1));
  const auto extra = c.argument(2);
  const auto size = (old != nullptr ? value_of(*old).size() : 0) + extra.size();
  if (size > limits::value_bytes) return c.error(text::too_long);
  rebuild(c, old, size, [&](capnp::Data::Builder bytes) {
    if (!extra.empty()) std::memcpy(bytes.end() - extra.size(), extra.data(), extra.size());
  });
}

void strlen(call& c) {
  auto* record = c.find(c.argument(1));
  c.integer(record != nullptr ? value_of(*record).size() : std::size_t{0});
}

void getrange(call& c) {
  const auto first = c.integer_argument(2);
  const auto last = first ? c.integer_argument(3) : std::nullopt;
  if (!last) return;
  auto* record = c.find(c.argument(1));
  if (record == nullptr) return c.bulk({});
  const auto value = value_of(*record);
  const auto size = static_cast<std::int64_t>(value.size());
  auto from = *first;
  auto to = *last;
  if (size == 0 || (from < 0 && to < 0 && from > to)) return c.bulk({});
  from = std::max<std::int64_t>(from < 0 ? size + from : from, 0);
  to = std::min(std::max<std::int64_t>(to < 0 ? size + to : to, 0), size - 1);
  if (from > to) return c.bulk({});
  c.bulk(value.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from + 1)));
}

void setrange(call& c) {
  const auto offset = c.integer_argument(2);
  if (!offset) return;
  if (*offset < 0) return c.error("ERR offset is out of range");
  auto* old = c.find(c.argument(1));
  const auto patch = c.argument(3);
  const auto before = old != nullptr ? value_of(*old).size() : std::size_t{0};
  if (patch.empty()) return c.integer(before);
  const auto at = static_cast<std::uint64_t>(*offset);
  if (at > limits::value_bytes || at + patch.size() > limits::value_bytes)
    return c.error(text::too_long);
  rebuild(c, old, std::max<std::size_t>(before, at + patch.size()),
          [&](capnp::Data::Builder bytes) {
            std::memcpy(bytes.begin() + at, patch.data(), patch.size());
          });
}

}  // namespace kv::run
