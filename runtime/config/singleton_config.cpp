#include "runtime/config/singleton_config.hpp"

#include "runtime/config/toml_reader.hpp"

#include <utility>

namespace us {

namespace {

using std::chrono::milliseconds;

/// Of a lease: an instance is dearer to move than an address.
constexpr unsigned lease_heartbeats = 10;

}  // namespace

singleton_config default_singleton(std::string name, std::size_t nodes, const timing& of) {
  singleton_config made{default_group(nodes, of, lease_heartbeats)};
  made.name = std::move(name);
  return made;
}

singleton_config read_singleton(std::string name, const toml_reader& from, std::size_t nodes,
                                const timing& of) {
  from.allow(
      {"safety", "heartbeat_ms", "missed", "lease_ms", "drift_ppm", "drain_ms", "requests_max"});
  auto read = default_singleton(std::move(name), nodes, of);
  read_group(from, nodes, read);
  read.drain = milliseconds{from.integer_or("drain_ms", 1, 3'600'000, read.drain.count())};
  read.requests_max = static_cast<std::uint64_t>(
      from.integer_or("requests_max", 1, 1'000'000, static_cast<std::int64_t>(read.requests_max)));
  return read;
}

}  // namespace us
