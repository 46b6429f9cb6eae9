#include "runtime/config/group_config.hpp"

#include "runtime/config/toml_reader.hpp"

namespace us {

namespace {

using std::chrono::milliseconds;

milliseconds read_ms(const toml_reader& from, const char* key, milliseconds otherwise,
                     std::int64_t least) {
  return milliseconds{from.integer_or(key, least, 3'600'000, otherwise.count())};
}

}  // namespace

group_config default_group(std::size_t nodes, const timing& of, unsigned lease_heartbeats) {
  group_config made;
  made.lease = nodes >= 3;
  made.heartbeat = of.heartbeat_silence_max / 4;
  made.lease_heartbeats = lease_heartbeats;
  made.lease_length = made.heartbeat * lease_heartbeats;
  return made;
}

void read_group(const toml_reader& from, std::size_t nodes, group_config& into) {
  const auto* usual = into.lease ? "lease" : "heartbeat";
  into.lease = from.choice_or("safety", {"heartbeat", "lease"}, usual) == "lease";
  if (into.lease && nodes < 3)
    from.fail("safety", "\"lease\" needs three nodes, so that a majority is left when one fails");
  into.heartbeat = read_ms(from, "heartbeat_ms", into.heartbeat, 5);
  into.missed_max = static_cast<unsigned>(from.integer_or("missed", 2, 100, into.missed_max));
  into.lease_length = read_ms(from, "lease_ms", into.heartbeat * into.lease_heartbeats, 15);
  if (into.lease_length < 3 * into.heartbeat)
    from.fail("lease_ms",
              "must be at least three times heartbeat_ms, so that two renewals may fail");
  into.drift_ppm = from.integer_or("drift_ppm", 0, 500'000, into.drift_ppm);
}

}  // namespace us
