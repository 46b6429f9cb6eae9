// Commands that count. A number keeps its expiry.
#include "apps/kv/command_functions.hpp"
#include "apps/kv/numbers.hpp"

#include <cmath>
#include <limits>

namespace kv::run {

namespace {

void add(call& c, std::int64_t amount) {
  auto* old = c.find(c.argument(1));
  const auto before = old != nullptr ? parse_integer(value_of(*old)) : 0;
  if (!before) return c.error(text::not_integer);
  std::int64_t after = 0;
  if (__builtin_add_overflow(*before, amount, &after))
    return c.error("ERR increment or decrement would overflow");
  c.put(c.argument(1), std::to_string(after), old != nullptr ? expiry_of(*old) : never);
  c.integer(after);
}

}  // namespace

void incr(call& c) {
  add(c, 1);
}

void decr(call& c) {
  add(c, -1);
}

void incrby(call& c) {
  if (auto amount = c.integer_argument(2)) add(c, *amount);
}

void decrby(call& c) {
  const auto amount = c.integer_argument(2);
  if (!amount) return;
  if (*amount == std::numeric_limits<std::int64_t>::min())
    return c.error("ERR decrement would overflow");
  add(c, -*amount);
}

void incrbyfloat(call& c) {
  auto* old = c.find(c.argument(1));
  const auto before = old != nullptr ? parse_float(value_of(*old)) : 0;
  const auto amount = before ? parse_float(c.argument(2)) : std::nullopt;
  if (!amount) return c.error(text::not_float);
  const auto after = *before + *amount;
  if (std::isnan(after) || std::isinf(after))
    return c.error("ERR increment would produce NaN or Infinity");
  const auto printed = format_float(after);
  c.put(c.argument(1), printed, old != nullptr ? expiry_of(*old) : never);
  c.bulk(printed);
}

}  // namespace kv::run
