#include "runtime/config/check_reader.hpp"

namespace us {

namespace {

using std::chrono::milliseconds;

constexpr std::int64_t hour_ms = 3'600'000;

const char* name_of(probe_kind kind) {
  switch (kind) {
    case probe_kind::tcp: return "tcp";
    case probe_kind::http: return "http";
    case probe_kind::command: return "command";
  }
  return "?";
}

probe_kind read_kind(const toml_reader& from, probe_kind otherwise) {
  auto chosen = from.choice_or("type", {"tcp", "http", "command"}, name_of(otherwise));
  if (chosen == "http") return probe_kind::http;
  return chosen == "command" ? probe_kind::command : probe_kind::tcp;
}

void only_for(const toml_reader& from, std::initializer_list<const char*> keys, probe_kind kind,
              probe_kind is) {
  for (const auto* key : keys)
    if (kind != is && from.has(key))
      from.fail(key, std::string{"is for type = \""} + name_of(kind) + "\"; this check is \"" +
                         name_of(is) + "\"");
}

// What goes into a request line or a header is a line of its own.
std::string printable(const toml_reader& from, const char* key, const std::string& otherwise) {
  auto text = from.text_or(key, otherwise);
  for (const char c : text)
    if (c <= ' ' || c >= 0x7f) from.fail(key, "must be printable ASCII without spaces");
  return text;
}

int read_status(const toml_reader& from, const char* key, int otherwise) {
  return static_cast<int>(from.integer_or(key, 100, 599, otherwise));
}

void read_http(const toml_reader& from, probe& into) {
  into.path = printable(from, "path", into.path);
  if (!into.path.starts_with('/')) from.fail("path", "must begin with /");
  into.host = printable(from, "host", into.host);
  into.status_min = read_status(from, "status_min", into.status_min);
  into.status_max = read_status(from, "status_max", into.status_max);
  if (into.status_max < into.status_min)
    from.fail("status_max", "must be at least status_min (" + std::to_string(into.status_min) +
                                "), is " + std::to_string(into.status_max));
}

void read_command(const toml_reader& from, probe& into) {
  if (from.has("command")) into.command = from.texts("command");
  if (into.command.empty() || !into.command.front().starts_with('/'))
    from.fail("command", "must be the absolute path of a program, and its arguments");
}

}  // namespace

check_config read_check(const toml_reader& from, const check_config& otherwise) {
  from.allow({"type", "interval_ms", "timeout_ms", "rise", "fall", "path", "host", "status_min",
              "status_max", "command"});
  auto check = otherwise;
  auto& probe = check.probe;
  probe.kind = read_kind(from, probe.kind);
  only_for(from, {"path", "host", "status_min", "status_max"}, probe_kind::http, probe.kind);
  only_for(from, {"command"}, probe_kind::command, probe.kind);
  check.interval =
      milliseconds{from.integer_or("interval_ms", 5, hour_ms, otherwise.interval.count())};
  const auto patience = std::min(otherwise.timeout, check.interval);
  check.timeout = milliseconds{from.integer_or("timeout_ms", 1, hour_ms, patience.count())};
  if (check.timeout > check.interval)
    from.fail("timeout_ms", "must be at most interval_ms (" +
                                std::to_string(check.interval.count()) + "), is " +
                                std::to_string(check.timeout.count()));
  check.rise = static_cast<std::uint32_t>(from.integer_or("rise", 1, 1000, otherwise.rise));
  check.fall = static_cast<std::uint32_t>(from.integer_or("fall", 1, 1000, otherwise.fall));
  if (probe.kind == probe_kind::http) read_http(from, probe);
  if (probe.kind == probe_kind::command) read_command(from, probe);
  return check;
}

}  // namespace us
