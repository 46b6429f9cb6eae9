#include "apps/guard/guard_node.hpp"

#include "actors/active_passive/roles.hpp"
#include "actors/app/address_owners.hpp"
#include "actors/app/admin_api.hpp"
#include "actors/client/service_client.hpp"
#include "apps/guard/guardian.hpp"
#include "runtime/live/live_prober.hpp"

#include <caf/send.hpp>

#include <utility>

namespace guard {

namespace {

us::http_response error(int status, const std::string& text) {
  return {status, "{\"error\":\"" + text + "\"}"};
}

}  // namespace

us::result<std::unique_ptr<guard_node>> guard_node::open(us::live_system& system,
                                                         const config& settings,
                                                         const std::string& name,
                                                         us::log_style style) {
  std::unique_ptr<guard_node> made{new guard_node{system, settings, name}};
  if (auto prepared = made->prepare(std::move(style)); !prepared) return prepared.error();
  return made;
}

us::status guard_node::prepare(us::log_style style) {
  const auto& own = *settings_.cluster.find_node(name_);
  if (own.admin.port != 0) {
    auto bound = us::http_server::bind(own.admin);
    if (!bound) return bound.error();
    admin_ = std::move(*bound);
  }
  if (auto opened = open_network(); !opened) return opened;
  us::live_node_options options;
  options.style = std::move(style);
  options.network = network_;
  auto live = us::make_live_node(system_, settings_.cluster, own, options);
  if (!live) return live.error();
  live_ = std::move(*live);
  return open_owner();
}

us::status guard_node::open_network() {
  const auto& own = settings_.nodes.at(name_);
  std::vector<us::datagram_path> paths;
  for (std::size_t i = 0; i < own.paths.size(); ++i) {
    us::datagram_path path{own.paths[i], {}};
    for (const auto& [other, theirs] : settings_.nodes)
      if (other != name_ && i < theirs.paths.size())
        path.peers[us::node_id_of(other)] = theirs.paths[i];
    paths.push_back(std::move(path));
  }
  auto opened = us::datagram_network::open(paths);
  if (!opened) return opened.error();
  network_ = *opened;
  return us::done{};
}

us::status guard_node::open_owner() {
  const auto& own = settings_.nodes.at(name_);
  if (own.witness) return us::done{};
  auto opened = us::open_address_owner(
      *node(), {own.interface, settings_.addresses, settings_.kernel_lifetime_s});
  if (!opened) return opened.error();
  owner_ = *opened;
  return us::done{};
}

guard_node::~guard_node() {
  stop();
}

caf::actor guard_node::start() {
  network_->start(node(), [node = node()](us::node_id refused) {
    if (auto seat = node->directory->find(us::seat_key(group_name)))
      caf::anon_send(seat, us::active_passive::peer_refused{refused});
  });
  auto root = make_program(settings_, name_, {owner_, hooks_, std::make_shared<us::live_prober>()})(
      system_.actors(), node());
  if (admin_) admin_->serve([this](const us::http_request& request) { return answer(request); });
  return root;
}

void guard_node::stop() {
  admin_.reset();
  if (network_) network_->stop();
  owner_.reset();
  if (hooks_) hooks_->finish();
  hooks_.reset();
  if (live_) live_->stop();
}

us::http_response guard_node::answer(const us::http_request& request) const {
  namespace ap = us::active_passive;
  if (request.method != "POST")
    return us::admin_api{node(), {us::service{group_name}}}.answer(request);
  const auto seat = node()->directory->find(us::seat_key(group_name));
  if (!seat) return error(503, "the node is not serving");
  if (request.path == "/api/v1/handover")
    caf::anon_send(seat, ap::hand_over_now{});
  else if (request.path == "/api/v1/maintenance/on")
    caf::anon_send(seat, ap::maintenance_changed{true});
  else if (request.path == "/api/v1/maintenance/off")
    caf::anon_send(seat, ap::maintenance_changed{false});
  else
    return error(404, "no such path");
  return {202, "{\"status\":\"asked\"}"};
}

}  // namespace guard
