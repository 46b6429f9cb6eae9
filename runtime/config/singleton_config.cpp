#include "runtime/config/singleton_config.hpp"

#include "runtime/config/toml_reader.hpp"

#include <utility>

namespace us {

namespace {

using std::chrono::milliseconds;

milliseconds read_ms(const toml_reader& from, const char* key, milliseconds otherwise,
                     std::int64_t least) {
  return milliseconds{from.integer_or(key, least, 3'600'000, otherwise.count())};
}

}  // namespace

singleton_config default_singleton(std::string name, std::size_t nodes, const timing& of) {
  singleton_config made;
  made.name = std::move(name);
  made.lease = nodes >= 3;
  made.heartbeat = of.heartbeat_silence_max / 4;
  made.lease_length = made.heartbeat * 10;
  return made;
}

singleton_config read_singleton(std::string name, const toml_reader& from, std::size_t nodes,
                                const timing& of) {
  from.allow(
      {"safety", "heartbeat_ms", "missed", "lease_ms", "drift_ppm", "drain_ms", "requests_max"});
  auto read = default_singleton(std::move(name), nodes, of);
  const auto* usual = read.lease ? "lease" : "heartbeat";
  read.lease = from.choice_or("safety", {"heartbeat", "lease"}, usual) == "lease";
  if (read.lease && nodes < 3)
    from.fail("safety", "\"lease\" needs three nodes, so that a majority is left when one fails");
  read.heartbeat = read_ms(from, "heartbeat_ms", read.heartbeat, 5);
  read.missed_max = static_cast<unsigned>(from.integer_or("missed", 2, 100, read.missed_max));
  read.lease_length = read_ms(from, "lease_ms", read.heartbeat * 10, 15);
  if (read.lease_length < 3 * read.heartbeat)
    from.fail("lease_ms",
              "must be at least three times heartbeat_ms, so that two renewals may fail");
  read.drift_ppm = from.integer_or("drift_ppm", 0, 500'000, read.drift_ppm);
  read.drain = read_ms(from, "drain_ms", read.drain, 1);
  read.requests_max = static_cast<std::uint64_t>(
      from.integer_or("requests_max", 1, 1'000'000, static_cast<std::int64_t>(read.requests_max)));
  return read;
}

}  // namespace us
