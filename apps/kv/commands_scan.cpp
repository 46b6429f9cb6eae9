// Commands about all keys of a partition. A walk goes by slots: a key never changes its slot, so
// SCAN returns every key that is there from its first call to its last. Its cursor is the next
// slot, after those of the partitions before.
#include "apps/kv/command_functions.hpp"
#include "apps/kv/glob.hpp"
#include "apps/kv/numbers.hpp"
#include "runtime/state/state.hpp"

#include <vector>

namespace kv::run {

namespace {

// Keys gathered on a walk, in one piece of memory.
class key_list {
 public:
  void add(std::string_view key) {
    bytes_.append(key);
    ends_.push_back(bytes_.size());
  }
  unsigned size() const { return static_cast<unsigned>(ends_.size()); }
  bool fits() const { return bytes_.size() + 24 * ends_.size() <= limits::answer_bytes; }
  std::string_view operator[](unsigned i) const {
    const auto from = i == 0 ? 0 : ends_[i - 1];
    return std::string_view{bytes_}.substr(from, ends_[i] - from);
  }
  void write(capnp::List<Answer>::Builder into) const {
    for (unsigned i = 0; i < size(); ++i) into[i].setBulk(as_data((*this)[i]));
  }

 private:
  std::string bytes_;
  std::vector<std::size_t> ends_;
};

bool live(const call& c, Value::Reader value) {
  return value.getExpiresAtMillis() == never || value.getExpiresAtMillis() > c.now_ms;
}

struct scan_options {
  std::string_view pattern = "*";
  std::int64_t count = 10;
  bool strings = true;  // a TYPE other than string has no keys

  bool want(std::string_view key) const {
    return strings && (pattern == "*" || glob_match(pattern, key));
  }
};

std::optional<scan_options> parse_scan_options(call& c) {
  scan_options options;
  for (unsigned i = 2; i < c.count(); i += 2) {
    const bool has_value = i + 1 < c.count();
    if (has_value && c.option(i, "COUNT")) {
      const auto count = c.integer_argument(i + 1);
      if (!count) return std::nullopt;
      options.count = *count;
    } else if (has_value && c.option(i, "MATCH")) {
      options.pattern = c.argument(i + 1);
    } else if (has_value && c.option(i, "TYPE")) {
      options.strings = c.option(i + 1, "STRING");
    } else {
      options.count = 0;
    }
    if (options.count >= 1) continue;
    c.error(text::syntax);
    return std::nullopt;
  }
  return options;
}

std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 31)) * 0x9e3779b97f4a7c15u;
  return (x ^ (x >> 29)) * 0xd6e8feb86659fd93u >> 7;
}

}  // namespace

void keys(call& c) {
  const scan_options options{.pattern = c.argument(1)};
  key_list found;
  for (std::uint32_t slot = 0; slot < us::state::slots && found.fits(); ++slot)
    c.records.each_in_slot(slot, [&](std::string_view key, Value::Reader value) {
      if (live(c, value) && options.want(key)) found.add(key);
    });
  if (!found.fits()) return c.error(text::answer_too_long);
  found.write(c.answer.initArray(found.size()));
}

void scan(call& c) {
  const auto cursor = parse_cursor(c.argument(1));
  if (!cursor) return c.error("ERR invalid cursor");
  const auto options = parse_scan_options(c);
  if (!options) return;
  key_list found;
  std::int64_t visited = 0;
  const auto own = c.records.partition();
  const auto before = std::uint64_t{own.index} * us::state::slots;
  auto slot = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(std::max(*cursor, before) - before, us::state::slots));
  for (; slot < us::state::slots && visited < options->count && found.fits(); ++slot)
    c.records.each_in_slot(slot, [&](std::string_view key, Value::Reader value) {
      ++visited;
      if (live(c, value) && options->want(key)) found.add(key);
    });
  auto reply = c.answer.initArray(2);
  // A cursor beyond all partitions has come to the first.
  const bool last = own.index + 1 == own.count || *cursor >= before + us::state::slots;
  const auto next = std::to_string(slot == us::state::slots && last ? 0 : before + slot);
  reply[0].setBulk(as_data(next));
  found.write(reply[1].initArray(found.size()));
}

void dbsize(call& c) {
  c.integer(static_cast<std::int64_t>(c.records.size()));
}

void randomkey(call& c) {
  const auto number = mix(c.chance ^ static_cast<std::uint64_t>(c.now_ms));
  for (std::uint32_t step = 0; step < us::state::slots; ++step) {
    key_list found;
    c.records.each_in_slot(static_cast<std::uint32_t>((number + step) % us::state::slots),
                           [&](std::string_view key, Value::Reader value) {
                             if (live(c, value)) found.add(key);
                           });
    if (found.size() > 0) return c.bulk(found[static_cast<unsigned>(mix(number) % found.size())]);
  }
  c.nil();
}

void flush(call& c) {
  const bool known =
      c.count() == 1 || (c.count() == 2 && (c.option(1, "SYNC") || c.option(1, "ASYNC")));
  if (!known) return c.error(text::syntax);
  c.records.clear();
  c.ok();
}

}  // namespace kv::run
