// SET and its older spellings, and GETEX: what they share is how an expiry is given.
#include "apps/kv/command_functions.hpp"
#include "apps/kv/numbers.hpp"

#include <array>

namespace kv::run {

namespace {

struct set_options {
  bool only_absent = false;   // NX
  bool only_present = false;  // XX
  bool get_old = false;       // GET
  bool keep_expiry = false;   // KEEPTTL
  bool persist = false;       // PERSIST
  std::string_view unit;      // EX, PX, EXAT or PXAT, the last one given
  std::string_view amount;
};

constexpr std::array<std::string_view, 4> units{"EX", "PX", "EXAT", "PXAT"};

bool take_unit(const call& c, unsigned& i, set_options& options) {
  for (auto unit : units) {
    if (!c.option(i, unit)) continue;
    const bool other = !options.unit.empty() && options.unit != unit;
    if (other || options.keep_expiry || options.persist || i + 1 == c.count()) return false;
    options.unit = unit;
    options.amount = c.argument(++i);
    return true;
  }
  return false;
}

bool take_set_flag(const call& c, unsigned i, set_options& options) {
  if (c.option(i, "NX")) return options.only_absent = !options.only_present;
  if (c.option(i, "XX")) return options.only_present = !options.only_absent;
  if (c.option(i, "GET")) return options.get_old = true;
  if (c.option(i, "KEEPTTL")) return options.keep_expiry = options.unit.empty();
  return false;
}

bool take_getex_flag(const call& c, unsigned i, set_options& options) {
  return c.option(i, "PERSIST") && (options.persist = options.unit.empty());
}

template <class TakeFlag>
std::optional<set_options> parse_options(call& c, unsigned from, TakeFlag take_flag) {
  set_options options;
  for (auto i = from; i < c.count(); ++i) {
    if (take_flag(c, i, options) || take_unit(c, i, options)) continue;
    c.error(text::syntax);
    return std::nullopt;
  }
  return options;
}

// When the value expires; nullopt: answered with an error.
std::optional<std::int64_t> expiry_from(call& c, std::string_view unit, std::string_view amount) {
  if (unit.empty()) return never;
  const auto number = parse_integer(amount);
  if (!number) {
    c.error(text::not_integer);
    return std::nullopt;
  }
  const bool seconds = unit == "EX" || unit == "EXAT";
  const bool relative = unit == "EX" || unit == "PX";
  auto when =
      *number > 0 ? add_time(relative ? c.now_ms : 0, *number, seconds ? 1000 : 1) : std::nullopt;
  if (!when) c.invalid_expiry();
  return when;
}

// SETEX and PSETEX: key, amount, value.
void set_with_expiry(call& c, std::string_view unit) {
  const auto expires_at = expiry_from(c, unit, c.argument(2));
  if (!expires_at) return;
  c.put(c.argument(1), c.argument(3), *expires_at);
  c.ok();
}

}  // namespace

void set(call& c) {
  if (c.count() == 3) {
    c.put(c.argument(1), c.argument(2), never);
    return c.ok();
  }
  const auto options = parse_options(c, 3, take_set_flag);
  if (!options) return;
  auto expires_at = expiry_from(c, options->unit, options->amount);
  if (!expires_at) return;
  auto* old = c.find(c.argument(1));
  if (options->get_old) get(c);
  const bool refused = old != nullptr ? options->only_absent : options->only_present;
  if (refused) {
    if (!options->get_old) c.nil();
    return;
  }
  if (options->keep_expiry && old != nullptr) expires_at = expiry_of(*old);
  c.put(c.argument(1), c.argument(2), *expires_at);
  if (!options->get_old) c.ok();
}

void setnx(call& c) {
  const bool absent = c.find(c.argument(1)) == nullptr;
  if (absent) c.put(c.argument(1), c.argument(2), never);
  c.integer(std::int64_t{absent});
}

void setex(call& c) {
  set_with_expiry(c, "EX");
}

void psetex(call& c) {
  set_with_expiry(c, "PX");
}

void getex(call& c) {
  const auto options = parse_options(c, 2, take_getex_flag);
  if (!options) return;
  auto* record = c.find(c.argument(1));
  if (record == nullptr) return c.nil();
  const auto expires_at = expiry_from(c, options->unit, options->amount);
  if (!expires_at) return;
  get(c);
  if (*expires_at != never && *expires_at <= c.now_ms) return c.erase(c.argument(1));
  const bool drops = options->persist && expiry_of(*record) != never;
  if (*expires_at != never || drops) record->edit().setExpiresAtMillis(*expires_at);
}

}  // namespace kv::run
