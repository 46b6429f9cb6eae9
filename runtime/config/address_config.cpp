#include "runtime/config/address_config.hpp"

#include "runtime/config/toml_reader.hpp"

#include <algorithm>

namespace us {

namespace {

/// Of a lease: what an election takes, about.
constexpr unsigned lease_heartbeats = 5;

}  // namespace

std::vector<ip_prefix> read_addresses(const toml_reader& from) {
  std::vector<ip_prefix> read;
  for (const auto& text : from.texts_or("addresses", {})) {
    auto address = parse_ip_prefix(text);
    if (!address) from.fail("addresses", address.error().text);
    if (std::find(read.begin(), read.end(), *address) != read.end())
      from.fail("addresses", text + " stands twice");
    read.push_back(*address);
  }
  if (read.empty())
    from.fail("addresses", "missing; name at least one, such as [\"10.0.0.100/24\"]");
  return read;
}

address_config read_address_group(const toml_reader& from, std::size_t nodes, const timing& of) {
  address_config read{default_group(nodes, of, lease_heartbeats), read_addresses(from)};
  read_group(from, nodes, read);
  read.kernel_lifetime_s =
      static_cast<unsigned>(from.integer_or("kernel_lifetime_s", 0, 3600, read.kernel_lifetime_s));
  read.announce_every = std::chrono::seconds{
      from.integer_or("announce_every_s", 1, 86'400, read.announce_every.count())};
  return read;
}

}  // namespace us
