// Commands about named keys, whatever their values.
#include "apps/kv/command_functions.hpp"
#include "apps/kv/numbers.hpp"

#include <limits>

namespace kv::run {

namespace {

// Copies a record with its expiry. Distinct keys.
void copy_record(call& c, us::record<Value>& from, std::string_view to) {
  c.put(to, value_of(from), expiry_of(from));
}

// RENAME and RENAMENX; true when the source exists and the destination may be written.
bool move_record(call& c, bool only_absent) {
  const auto from = c.argument(1);
  const auto to = c.argument(2);
  auto* source = c.find(from);
  if (source == nullptr) {
    c.error(text::no_such_key);
    return false;
  }
  if (only_absent && c.find(to) != nullptr) {
    c.integer(std::int64_t{0});
    return false;
  }
  if (from == to) return true;
  copy_record(c, *source, to);
  c.erase(from);
  return true;
}

// "DB 0" is the only database. False: answered with an error.
bool check_database(call& c, unsigned i) {
  const auto number = c.integer_argument(i);
  if (!number) return false;
  if (*number > std::numeric_limits<int>::max() || *number < std::numeric_limits<int>::min())
    c.error("ERR value is out of range, value must between -2147483648 and 2147483647");
  else if (*number != 0)
    c.error("ERR DB index is out of range");
  else
    return true;
  return false;
}

}  // namespace

void del(call& c) {
  std::int64_t erased = 0;
  for (unsigned i = 1; i < c.count(); ++i) {
    if (c.find(c.argument(i)) == nullptr) continue;
    c.erase(c.argument(i));
    ++erased;
  }
  c.integer(erased);
}

void exists(call& c) {
  std::int64_t found = 0;
  for (unsigned i = 1; i < c.count(); ++i) found += c.find(c.argument(i)) != nullptr;
  c.integer(found);
}

void type(call& c) {
  c.answer.setSimple(c.find(c.argument(1)) != nullptr ? "string" : "none");
}

void copy(call& c) {
  bool replace = false;
  for (unsigned i = 3; i < c.count(); ++i) {
    if (c.option(i, "REPLACE")) {
      replace = true;
    } else if (c.option(i, "DB") && i + 1 < c.count()) {
      if (!check_database(c, ++i)) return;
    } else {
      return c.error(text::syntax);
    }
  }
  if (c.argument(1) == c.argument(2))
    return c.error("ERR source and destination objects are the same");
  auto* source = c.find(c.argument(1));
  const bool copies = source != nullptr && (replace || c.find(c.argument(2)) == nullptr);
  if (copies) copy_record(c, *source, c.argument(2));
  c.integer(std::int64_t{copies});
}

void rename(call& c) {
  if (move_record(c, false)) c.ok();
}

void renamenx(call& c) {
  if (move_record(c, true)) c.integer(std::int64_t{1});
}

}  // namespace kv::run
