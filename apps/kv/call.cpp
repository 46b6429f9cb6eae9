#include "apps/kv/call.hpp"

#include "apps/kv/numbers.hpp"

#include <limits>

namespace kv {

bool same_word(std::string_view word, std::string_view upper) {
  if (word.size() != upper.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    if ((c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c) != upper[i]) return false;
  }
  return true;
}

us::record<Value>* call::find(std::string_view key) {
  auto& record = records[key];
  if (!record.exists()) return nullptr;
  const auto expires_at = expiry_of(record);
  return expires_at == never || expires_at > now_ms ? &record : nullptr;
}

void call::put(std::string_view key, std::string_view value, std::int64_t expires_at) {
  auto fresh = records[key].reset();
  fresh.setData(as_data(value));
  fresh.setExpiresAtMillis(expires_at);
}

std::optional<std::int64_t> call::integer_argument(unsigned i) {
  auto value = parse_integer(argument(i));
  if (!value) error(text::not_integer);
  return value;
}

void call::invalid_expiry() {
  error("ERR invalid expire time in '" + std::string{what.name} + "' command");
}

std::optional<std::int64_t> add_time(std::int64_t base, std::int64_t amount,
                                     std::int64_t milliseconds_each) {
  std::int64_t milliseconds = 0;
  std::int64_t sum = 0;
  if (__builtin_mul_overflow(amount, milliseconds_each, &milliseconds)) return std::nullopt;
  if (__builtin_add_overflow(base, milliseconds, &sum)) return std::nullopt;
  return sum;
}

}  // namespace kv
