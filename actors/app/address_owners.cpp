#include "actors/app/address_owners.hpp"

#include <utility>
#include <vector>

namespace us {

result<std::shared_ptr<live_address_owner>> open_address_owner(const node_context& node,
                                                               address_owner_setup setup) {
  const auto interface = setup.interface;
  std::vector<ip_prefix> left;
  auto opened = live_address_owner::open(std::move(setup), left);
  if (!opened) return opened.error();
  for (const auto& address : left)
    node.ports.log->write(severity::event, "removed " + to_string(address) + " from " + interface +
                                               ", which a former process had left");
  return opened;
}

status fits_one_host(const cluster_config& config) {
  if (config.nodes.size() < 2) return done{};
  for (const auto& service : config.services)
    if (service.addresses)
      return failure{errc::invalid_config,
                     config.file + ": the addresses of " + service.name +
                         " follow its leader from machine to machine: run each node on its own, "
                         "with run --node NAME"};
  return done{};
}

}  // namespace us
