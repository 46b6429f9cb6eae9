// Commands about the time that a key has left.
#include "apps/kv/command_functions.hpp"

namespace kv::run {

namespace {

struct conditions {
  bool none = false;     // NX: only without an expiry
  bool some = false;     // XX: only with one
  bool later = false;    // GT; a key without an expiry counts as never expiring
  bool earlier = false;  // LT

  bool allow(std::int64_t current, std::int64_t wanted) const {
    const bool has = current != never;
    return !(none && has) && !(some && !has) && !(later && (!has || wanted <= current)) &&
           !(earlier && has && wanted >= current);
  }
};

std::optional<conditions> parse_conditions(call& c) {
  conditions result;
  for (unsigned i = 3; i < c.count(); ++i) {
    if (c.option(i, "NX")) {
      result.none = true;
    } else if (c.option(i, "XX")) {
      result.some = true;
    } else if (c.option(i, "GT")) {
      result.later = true;
    } else if (c.option(i, "LT")) {
      result.earlier = true;
    } else {
      const std::string given{c.argument(i).substr(0, c.argument(i).find('\0'))};
      c.error("ERR Unsupported option " + given);
      return std::nullopt;
    }
  }
  if (result.none && (result.some || result.later || result.earlier)) {
    c.error("ERR NX and XX, GT or LT options at the same time are not compatible");
    return std::nullopt;
  }
  if (result.later && result.earlier) {
    c.error("ERR GT and LT options at the same time are not compatible");
    return std::nullopt;
  }
  return result;
}

// The base is 0 for points in time, now for durations.
void expire_at(call& c, std::int64_t base, std::int64_t milliseconds_each) {
  const auto allowed = parse_conditions(c);
  if (!allowed) return;
  const auto amount = c.integer_argument(2);
  if (!amount) return;
  const auto when = add_time(base, *amount, milliseconds_each);
  if (!when) return c.invalid_expiry();
  auto* record = c.find(c.argument(1));
  if (record == nullptr || !allowed->allow(expiry_of(*record), *when))
    return c.integer(std::int64_t{0});
  if (*when <= c.now_ms)
    c.erase(c.argument(1));
  else
    record->edit().setExpiresAtMillis(*when);
  c.integer(std::int64_t{1});
}

// -2: no such key, -1: no expiry; else milliseconds since `base`, rounded to the unit.
void time_left(call& c, std::int64_t base, std::int64_t milliseconds_each) {
  auto* record = c.find(c.argument(1));
  if (record == nullptr) return c.integer(std::int64_t{-2});
  const auto when = expiry_of(*record);
  if (when == never) return c.integer(std::int64_t{-1});
  const auto left = when - base;
  const auto half = milliseconds_each - milliseconds_each / 2;
  c.integer(left / milliseconds_each + (left % milliseconds_each >= half ? 1 : 0));
}

}  // namespace

void expire(call& c) {
  expire_at(c, c.now_ms, 1000);
}

void pexpire(call& c) {
  expire_at(c, c.now_ms, 1);
}

void expireat(call& c) {
  expire_at(c, 0, 1000);
}

void pexpireat(call& c) {
  expire_at(c, 0, 1);
}

void ttl(call& c) {
  time_left(c, c.now_ms, 1000);
}

void pttl(call& c) {
  time_left(c, c.now_ms, 1);
}

void expiretime(call& c) {
  time_left(c, 0, 1000);
}

void pexpiretime(call& c) {
  time_left(c, 0, 1);
}

void persist(call& c) {
  auto* record = c.find(c.argument(1));
  const bool had = record != nullptr && expiry_of(*record) != never;
  if (had) record->edit().setExpiresAtMillis(never);
  c.integer(std::int64_t{had});
}

}  // namespace kv::run
