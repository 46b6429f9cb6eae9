#include "actors/app/admin_api.hpp"

#include "actors/active_passive/roles.hpp"
#include "actors/app/admin_actor.hpp"
#include "actors/app/admin_answers.hpp"
#include "actors/app/gateway.hpp"
#include "actors/app/group_requests.hpp"
#include "actors/app/json.hpp"
#include "actors/app/partition_status.hpp"
#include "actors/singleton/keys.hpp"
#include "runtime/config/config.hpp"

#include <caf/send.hpp>
#include <capnp/dynamic.h>
#include <kj/exception.h>

#include <charconv>
#include <future>

#include "actors/app/cluster_status.capnp.h"
#include "messages/status.capnp.h"

namespace us {

namespace {

using std::chrono::milliseconds;

constexpr std::string_view services_path = "/api/v1/services/";
constexpr std::string_view singletons_path = "/api/v1/singletons/";
constexpr std::string_view leaders_path = "/api/v1/leaders/";
constexpr milliseconds status_patience{2000};

/// When the request is answered, and by whom: `acknowledge`, `reads`, `after`.
result<submit_options> read_options(const std::multimap<std::string, std::string>& query) {
  submit_options options;
  if (const auto asked = query.find("acknowledge"); asked != query.end()) {
    options.acknowledge = acknowledgement_of(asked->second);
    if (!options.acknowledge)
      return failure{errc::invalid_input, "acknowledge: async, quorum or all"};
  }
  if (const auto asked = query.find("reads"); asked != query.end()) {
    const auto policy = read_policy_of(asked->second);
    if (!policy)
      return failure{errc::invalid_input,
                     "reads: linearizable, local, or how old an answer may be, as 50ms or 2s"};
    options.reads = *policy;
  }
  if (const auto asked = query.find("after"); asked != query.end()) {
    const auto& text = asked->second;
    const auto [end, wrong] =
        std::from_chars(text.data(), text.data() + text.size(), options.reads.after.value);
    if (wrong != std::errc{} || end != text.data() + text.size())
      return failure{errc::invalid_input, "after: the Understudy-Index of an earlier answer"};
  }
  return options;
}

/// What the client may hand on, and how old the answer is.
std::map<std::string, std::string> headers_of(const call_outcome& outcome) {
  std::map<std::string, std::string> headers;
  if (!outcome.index.none()) headers.emplace("Understudy-Index", to_string(outcome.index));
  if (outcome.age)
    headers.emplace("Understudy-Age-Ms",
                    std::to_string(std::chrono::ceil<milliseconds>(*outcome.age).count()));
  return headers;
}

std::string name_of(message::Reason reason) {
  auto enumerants = capnp::Schema::from<message::Reason>().getEnumerants();
  auto at = static_cast<unsigned>(reason);
  return at < enumerants.size() ? enumerants[at].getProto().getName().cStr() : std::to_string(at);
}

void fill_peer(message::NodeStatus::Peer::Builder into, const node_view& view, const peer& member,
               bool self) {
  into.setName(member.name);
  into.setState(self ? "alive" : "unknown");
  into.setLastHeardMillis(self ? 0 : -1);
  for (const auto& seen : view.members) {
    if (seen.node != member.id) continue;
    into.setState(to_string(seen.state));
    if (!seen.last_heard) continue;
    auto age = std::chrono::duration_cast<milliseconds>(view.now - *seen.last_heard);
    into.setLastHeardMillis(age.count());
  }
}

void fill_services(message::NodeStatus::Builder into, const node_view& view,
                   const std::vector<shown_service>& services, bool each) {
  auto list = into.initServices(static_cast<unsigned>(services.size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    const auto& service = services[i];
    const auto at = view.services.find(service.name);
    const auto seen = at == view.services.end() ? service_view{} : at->second;
    if (service.partitions > 1) {
      fill_partitioned(list[i], service, seen, each);
      continue;
    }
    if (seen.empty()) {
      list[i].setName(service.name);
      list[i].setRole("unknown");
    } else {
      opened_frame opened{seen.begin()->second};
      list.setWithCaveats(i, opened.body<message::ServiceStatus>());
    }
    fill_missing(list[i]);
  }
}

// Why this node's replicas of a service cannot answer now; empty when they can.
std::string unready_service(const node_view& view, const std::string& service,
                            std::uint32_t partitions) {
  const auto at = view.services.find(service);
  for (std::uint32_t i = 0; i < partitions; ++i) {
    const auto name = group_name(service, {i, partitions});
    if (at == view.services.end() || !at->second.contains(i))
      return name + ": its seat does not answer";
    opened_frame opened{at->second.at(i)};
    if (auto why = unready(name, opened.body<message::ServiceStatus>()); !why.empty()) return why;
  }
  return {};
}

bool has_members(const std::optional<node_view>& view, const std::string& service) {
  if (!view) return false;
  auto at = view->services.find(service);
  if (at == view->services.end()) return false;
  opened_frame opened{at->second.begin()->second};
  return opened.body<message::ServiceStatus>().getMembers().size() > 0;
}

/// Whether any group of the service has a member of that name.
bool has_member(const node_view& view, const std::string& service, std::string_view name) {
  const auto at = view.services.find(service);
  if (at == view.services.end()) return false;
  for (const auto& [partition, told] : at->second) {
    opened_frame opened{told};
    for (auto member : opened.body<message::ServiceStatus>().getMembers())
      if (member.getName().cStr() == name) return true;
  }
  return false;
}

}  // namespace

std::string_view version() {
  return UNDERSTUDY_VERSION;
}

http_response admin_api::answer(const http_request& request) const {
  if (request.method == "GET") return get(request);
  if (request.path.starts_with(services_path))
    return call(std::string_view{request.path}.substr(services_path.size()), request);
  if (request.path.starts_with(singletons_path))
    return move(std::string_view{request.path}.substr(singletons_path.size()));
  if (request.path.starts_with(leaders_path))
    return lead(request.path.substr(leaders_path.size()), request);
  return error_response(404, "no such path");
}

http_response admin_api::get(const http_request& request) const {
  if (request.path == "/api/v1/status") {
    const auto asked = request.query.find("partitions");
    return status(asked != request.query.end() && asked->second == "true");
  }
  if (request.path == "/healthz") return health();
  if (request.path == "/readyz") return readiness();
  if (request.path == "/metrics")
    return {200, node_->metrics->text(), "text/plain; version=0.0.4; charset=utf-8"};
  if (request.path == "/") return {200, std::string{dashboard_page}, "text/html; charset=utf-8"};
  if (request.path.starts_with(services_path))
    return error_response(405, "send requests with POST and a JSON body");
  return error_response(404, "no such path");
}

std::optional<node_view> admin_api::view(milliseconds patience) const {
  auto admin = node_->directory->find(admin_key());
  if (!admin) return std::nullopt;
  auto promise = std::make_shared<std::promise<node_view>>();
  auto future = promise->get_future();
  caf::anon_send(admin, collect_view{std::move(promise)});
  return wait(future, patience);
}

http_response admin_api::status(bool each) const {
  auto seen = view(status_patience);
  if (!seen) return error_response(503, "the node does not answer");
  capnp::MallocMessageBuilder memory;
  auto status = memory.initRoot<message::NodeStatus>();
  status.setNode(node_->name);
  status.setCluster(node_->cluster);
  status.setVersion(std::string{version()});
  status.setUptimeMillis(
      static_cast<std::uint64_t>(std::chrono::duration_cast<milliseconds>(seen->uptime).count()));
  auto peers = node_->members;
  for (const auto& learnt : seen->members)
    if (!node_->is_member(learnt.node)) peers.push_back({learnt.node, learnt.name});
  auto nodes = status.initNodes(static_cast<unsigned>(peers.size()));
  for (unsigned i = 0; i < nodes.size(); ++i)
    fill_peer(nodes[i], *seen, peers[i], peers[i].id == node_->id);
  std::vector<shown_service> all;
  for (const auto& service : services_)
    all.push_back({service.name(), partitions_of(service.name())});
  fill_services(status, *seen, all, each);
  if (extension_) extension_(*node_, status);
  return {200, to_json(status.asReader())};
}

http_response admin_api::health() const {
  auto admin = node_->directory->find(admin_key());
  auto turned = std::make_shared<std::promise<done>>();
  auto future = turned->get_future();
  if (admin) caf::anon_send(admin, task{[turned] { turned->set_value({}); }});
  turned.reset();
  if (!admin || !wait(future, loop_patience))
    return error_response(503, "the node's loop did not answer within 1 s");
  return {200, "{\"status\":\"ok\"}"};
}

http_response admin_api::readiness() const {
  auto seen = view(status_patience);
  if (!seen) return error_response(503, "the node does not answer");
  for (const auto& service : services_)
    if (auto why = unready_service(*seen, service.name(), partitions_of(service.name()));
        !why.empty())
      return error_response(503, why);
  return {200, "{\"status\":\"ready\"}"};
}

const service* admin_api::find(std::string_view name) const {
  for (const auto& service : services_)
    if (service.name() == name) return &service;
  return nullptr;
}

http_response admin_api::call(std::string_view target, const http_request& request) const {
  auto slash = target.find('/');
  if (slash == std::string_view::npos)
    return error_response(
        404, "the path of a request is " + std::string{services_path} + "SERVICE/TYPE");
  auto name = std::string{target.substr(0, slash)};
  auto type_name = target.substr(slash + 1);
  const auto* called = find(name);
  if (called == nullptr) return error_response(404, "there is no service " + name);
  if (type_name == "members") return change_members(name, request);
  const auto* type = called->find(type_name);
  if (type == nullptr)
    return error_response(404, "service " + name + " has no request " + std::string{type_name});
  const auto options = read_options(request.query);
  if (!options) return error_response(400, options.error().text);
  if (*options != submit_options{} && !has_members(view(status_patience), name))
    return error_response(
        400, name + " is not replicated by a leader, or is not running here yet: leave " +
                 "out acknowledge, reads and after");
  return execute(name, *type, request.body, *options);
}

std::uint32_t admin_api::partitions_of(const std::string& service) const {
  const auto at = partitions_.find(service);
  return at == partitions_.end() ? 1 : at->second;
}

result<std::optional<std::uint32_t>> admin_api::asked_partition(const std::string& service,
                                                                const http_request& request) const {
  const auto asked = request.query.find("partition");
  if (asked == request.query.end()) return std::optional<std::uint32_t>{};
  std::uint32_t which = 0;
  const auto& text = asked->second;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), which);
  if (wrong != std::errc{} || end != text.data() + text.size() || which >= partitions_of(service))
    return failure{errc::invalid_input, "partition: " + service + " has 0 to " +
                                            std::to_string(partitions_of(service) - 1)};
  return std::optional{which};
}

http_response admin_api::change_members(const std::string& name,
                                        const http_request& request) const {
  capnp::MallocMessageBuilder memory;
  auto built = memory.initRoot<message::MembersRequest>();
  if (auto read = from_json(request.body, built); !read)
    return error_response(400, read.error().text);
  auto asked = built.asReader();
  if (asked.getNode().size() == 0) return error_response(400, "node: which one?");
  const std::string address = asked.getAddress();
  if (!address.empty())
    if (auto endpoint = parse_endpoint(address); !endpoint)
      return error_response(400, "address: " + endpoint.error().text);
  const auto which = asked_partition(name, request);
  if (!which) return error_response(400, which.error().text);
  if (!has_members(view(status_patience), name))
    return error_response(409,
                          name + " is not replicated, or is not running here: it has no members");
  std::vector<partition_id> groups;
  for (std::uint32_t i = 0; i < partitions_of(name); ++i)
    if (!*which || **which == i) groups.push_back({i, partitions_of(name)});
  const members_client::change what{
      name, {}, asked.getAction(), asked.getNode(), address, asked.getWitness()};
  return change_members_of(*node_, what, groups);
}

http_response admin_api::move(std::string_view target) const {
  const auto slash = target.find('/');
  const auto name = target.substr(0, slash);
  if (slash == std::string_view::npos || target.substr(slash + 1) != "handover")
    return error_response(404, "the path is " + std::string{singletons_path} + "NAME/handover");
  if (!node_->directory->find(singletons::host_key(name)))
    return error_response(404, "there is no singleton " + std::string{name});
  if (!node_->directory->find(singletons::instance_key(name)))
    return error_response(409, std::string{name} + " does not live on this node");
  auto seat = node_->directory->find(seat_key(name));
  if (!seat) return error_response(503, "the node is not serving");
  caf::anon_send(seat, active_passive::hand_over_now{});
  return {202, "{\"status\":\"asked\"}"};
}

http_response admin_api::lead(const std::string& service, const http_request& request) const {
  if (find(service) == nullptr) return error_response(404, "there is no service " + service);
  capnp::MallocMessageBuilder memory;
  auto choice = memory.initRoot<message::LeaderChoice>();
  if (auto read = from_json(request.body, choice); !read)
    return error_response(400, read.error().text);
  const std::string name{choice.getNode().cStr()};
  const peer to{node_id_of(name), name};
  const auto seen = view(status_patience);
  if (!seen) return error_response(503, "the node does not answer");
  // The groups know who belongs to them; the configuration says only where it began.
  if (!node_->is_member(to.id) && !has_member(*seen, service, name))
    return error_response(
        400, "there is no node " + name + ", and no member of " + service + " has that name");
  const auto which = asked_partition(service, request);
  if (!which) return error_response(400, which.error().text);
  const auto count = partitions_of(service);
  if (*which) return change_leaders_of(*node_, service, to, {{**which, count}});
  if (count == 1) return change_leaders_of(*node_, service, to, {{}});
  std::vector<partition_id> led;
  if (const auto at = seen->services.find(service); at != seen->services.end())
    for (const auto i : led_here(at->second)) led.push_back({i, count});
  if (led.empty())
    return not_done(409, "rejected", "refused", node_->name + " leads no partition of " + service);
  return change_leaders_of(*node_, service, to, led);
}

http_response admin_api::execute(const std::string& name, const service::request_type& type,
                                 std::string_view body, const submit_options& options) const {
  auto request = std::make_shared<capnp::MallocMessageBuilder>();
  auto read = from_json(body, request->initRoot<capnp::DynamicStruct>(type.request));
  if (!read) return error_response(400, read.error().text);
  auto gateway = node_->directory->find(gateway_key(name));
  if (!gateway) return not_done(503, "rejected", "stopping", "the node is not serving");
  auto promise = std::make_shared<std::promise<call_outcome>>();
  auto future = promise->get_future();
  caf::anon_send(gateway,
                 execute_request{type.id, std::move(request), std::move(promise), options});
  auto outcome = wait(future, node_->timing.request_timeout + loop_patience);
  if (!outcome)
    return unknown_response("the node ended or was silent; it may or may not have happened");
  switch (outcome->kind) {
    case outcome_kind::rejected:
      return not_done(503, "rejected", name_of(outcome->reason), outcome->text);
    case outcome_kind::unknown: return unknown_response(outcome->text);
    case outcome_kind::done: break;
  }
  capnp::FlatArrayMessageReader reply{as_words(outcome->reply)};
  return {.body = to_json(reply.getRoot<capnp::DynamicStruct>(type.reply)),
          .headers = headers_of(*outcome)};
}

}  // namespace us
