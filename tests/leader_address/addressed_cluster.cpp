#include "tests/leader_address/addressed_cluster.hpp"

#include "apps/counter/counter_service.hpp"

namespace us::test {

namespace {

using namespace std::chrono_literals;

node_program program_of(std::size_t nodes, bool lease, address_board& board) {
  app application{.name = "counter", .services = {counter_service()}, .edges = {}};
  auto config = simulated_config();
  service_config how{.name = "counter", .failover = failover_pattern::active_passive};
  how.addresses = address_config{default_group(nodes, {}, 5), {*parse_ip_prefix("10.0.0.100/24")}};
  how.addresses->lease = lease;
  how.addresses->drift_ppm = 55'000;  // the fault plans let clocks drift by up to 5 %
  config.services.push_back(how);
  return make_program(application, config, [&board](const node_ptr& node, const std::string&) {
    return board.make_owner(node);
  });
}

}  // namespace

addressed_cluster::addressed_cluster(cluster_options how, bool lease)
    : nodes_(how, program_of(how.nodes, lease, board_), "counter") {
  board_.attach(nodes_.world());
  if (lease) nodes_.world().check("one holder", [this] { return board_.more_than_one(); });
}

std::string addressed_cluster::holder() const {
  const auto found = board_.holders();
  return found.size() == 1 ? found.front() : "";
}

bool addressed_cluster::settles(duration limit) {
  const auto end = nodes_.now() + limit;
  auto since = nodes_.now();
  auto before = holder();
  while (nodes_.now() < end) {
    nodes_.advance(1ms);
    const auto now = holder();
    if (now.empty() || now != before || now != leader()) since = nodes_.now();
    before = now;
    if (nodes_.now() - since >= 1s) return true;
  }
  return false;
}

bool addressed_cluster::held_by(const std::string& node, duration limit) {
  return nodes_.advance_until([&] { return holder() == node; }, limit);
}

}  // namespace us::test
