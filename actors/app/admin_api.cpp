#include "actors/app/admin_api.hpp"

#include "actors/active_passive/roles.hpp"
#include "actors/app/admin_actor.hpp"
#include "actors/app/gateway.hpp"
#include "actors/app/json.hpp"
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
constexpr milliseconds loop_patience{1000};
constexpr milliseconds status_patience{2000};

http_response error(int status, std::string_view text) {
  return {status, "{\"error\":" + to_json(text) + "}"};
}

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

http_response not_done(int status, const char* outcome, const std::string& reason,
                       std::string_view text) {
  return {status, "{\"outcome\":" + to_json(outcome) + ",\"reason\":" + to_json(reason) +
                      ",\"text\":" + to_json(text) + "}"};
}

http_response unknown(std::string_view text) {
  return not_done(504, "unknown", "timedOut", text);
}

// The answer that an actor promised; nothing when it ends or is silent.
template <class T>
std::optional<T> wait(std::future<T>& future, milliseconds patience) {
  if (future.wait_for(patience) != std::future_status::ready) return std::nullopt;
  try {
    return future.get();
  } catch (const std::future_error&) {  // the actor ended without fulfilling it
    return std::nullopt;
  }
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
                   const std::vector<service>& services) {
  auto list = into.initServices(static_cast<unsigned>(services.size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    auto at = view.services.find(services[i].name());
    if (at == view.services.end()) {
      list[i].setName(services[i].name());
      list[i].setRole("unknown");
    } else {
      opened_frame opened{at->second};
      list.setWithCaveats(i, opened.body<message::ServiceStatus>());
    }
    // What is null has no member in the JSON; scripts rely on these.
    if (!list[i].hasLeader()) list[i].setLeader("");
    if (!list[i].hasReplicas()) list[i].initReplicas(0);
    if (!list[i].hasMembers()) list[i].initMembers(0);
  }
}

// Why this node's replica of a service cannot answer now; empty when it can.
std::string unready(const node_view& view, const std::string& service) {
  auto at = view.services.find(service);
  if (at == view.services.end()) return service + ": its seat does not answer";
  opened_frame opened{at->second};
  auto status = opened.body<message::ServiceStatus>();
  std::string_view role = status.getRole().cStr();
  if (role == "active" || role == "passive") return {};  // it answers, or stands by, by itself
  if (status.getLeader().size() == 0) return service + ": no leader is known";
  if (role != "leader" && role != "follower")
    return service + ": this replica is " + std::string{role};
  return {};
}

bool has_members(const std::optional<node_view>& view, const std::string& service) {
  if (!view) return false;
  auto at = view->services.find(service);
  if (at == view->services.end()) return false;
  opened_frame opened{at->second};
  return opened.body<message::ServiceStatus>().getMembers().size() > 0;
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
    return lead(std::string_view{request.path}.substr(leaders_path.size()), request.body);
  return error(404, "no such path");
}

http_response admin_api::get(const http_request& request) const {
  if (request.path == "/api/v1/status") return status();
  if (request.path == "/healthz") return health();
  if (request.path == "/readyz") return readiness();
  if (request.path == "/metrics")
    return {200, node_->metrics->text(), "text/plain; version=0.0.4; charset=utf-8"};
  if (request.path == "/") return {200, std::string{dashboard_page}, "text/html; charset=utf-8"};
  if (request.path.starts_with(services_path))
    return error(405, "send requests with POST and a JSON body");
  return error(404, "no such path");
}

std::optional<node_view> admin_api::view(milliseconds patience) const {
  auto admin = node_->directory->find(admin_key());
  if (!admin) return std::nullopt;
  auto promise = std::make_shared<std::promise<node_view>>();
  auto future = promise->get_future();
  caf::anon_send(admin, collect_view{std::move(promise)});
  return wait(future, patience);
}

http_response admin_api::status() const {
  auto seen = view(status_patience);
  if (!seen) return error(503, "the node does not answer");
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
  fill_services(status, *seen, services_);
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
    return error(503, "the node's loop did not answer within 1 s");
  return {200, "{\"status\":\"ok\"}"};
}

http_response admin_api::readiness() const {
  auto seen = view(status_patience);
  if (!seen) return error(503, "the node does not answer");
  for (const auto& service : services_)
    if (auto why = unready(*seen, service.name()); !why.empty()) return error(503, why);
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
    return error(404, "the path of a request is " + std::string{services_path} + "SERVICE/TYPE");
  auto name = std::string{target.substr(0, slash)};
  auto type_name = target.substr(slash + 1);
  const auto* called = find(name);
  if (called == nullptr) return error(404, "there is no service " + name);
  if (type_name == "members") return change_members(name, request.body);
  const auto* type = called->find(type_name);
  if (type == nullptr)
    return error(404, "service " + name + " has no request " + std::string{type_name});
  const auto options = read_options(request.query);
  if (!options) return error(400, options.error().text);
  if (*options != submit_options{} && !has_members(view(status_patience), name))
    return error(400, name + " is not replicated by a leader, or is not running here yet: leave " +
                          "out acknowledge, reads and after");
  return execute(name, *type, request.body, *options);
}

http_response admin_api::change_members(const std::string& name, std::string_view body) const {
  capnp::MallocMessageBuilder memory;
  auto built = memory.initRoot<message::MembersRequest>();
  if (auto read = from_json(body, built); !read) return error(400, read.error().text);
  auto request = built.asReader();
  if (request.getNode().size() == 0) return error(400, "node: which one?");
  const std::string address = request.getAddress();
  if (!address.empty())
    if (auto endpoint = parse_endpoint(address); !endpoint)
      return error(400, "address: " + endpoint.error().text);
  if (!has_members(view(status_patience), name))
    return error(409, name + " is not replicated, or is not running here: it has no members");
  auto admin = node_->directory->find(admin_key());
  if (!admin) return not_done(503, "rejected", "stopping", "the node is not serving");
  auto promise = std::make_shared<std::promise<members_outcome>>();
  auto future = promise->get_future();
  const auto patience = node_->timing.request_timeout;
  caf::anon_send(admin, us::change_members{{name, request.getAction(), request.getNode(), address},
                                           patience,
                                           std::move(promise)});
  auto outcome = wait(future, patience + loop_patience);
  if (!outcome) return unknown("the node ended or was silent; it may or may not have happened");
  switch (outcome->what) {
    case members_outcome::kind::refused: return not_done(409, "rejected", "refused", outcome->text);
    case members_outcome::kind::unknown: return unknown(outcome->text);
    case members_outcome::kind::done: break;
  }
  return {200, "{\"outcome\":\"done\",\"text\":" + to_json(outcome->text) + "}"};
}

http_response admin_api::move(std::string_view target) const {
  const auto slash = target.find('/');
  const auto name = target.substr(0, slash);
  if (slash == std::string_view::npos || target.substr(slash + 1) != "handover")
    return error(404, "the path is " + std::string{singletons_path} + "NAME/handover");
  if (!node_->directory->find(singletons::host_key(name)))
    return error(404, "there is no singleton " + std::string{name});
  if (!node_->directory->find(singletons::instance_key(name)))
    return error(409, std::string{name} + " does not live on this node");
  auto seat = node_->directory->find(seat_key(name));
  if (!seat) return error(503, "the node is not serving");
  caf::anon_send(seat, active_passive::hand_over_now{});
  return {202, "{\"status\":\"asked\"}"};
}

http_response admin_api::lead(std::string_view service, std::string_view body) const {
  if (find(service) == nullptr) return error(404, "there is no service " + std::string{service});
  capnp::MallocMessageBuilder memory;
  auto choice = memory.initRoot<message::LeaderChoice>();
  if (auto read = from_json(body, choice); !read) return error(400, read.error().text);
  const node_id to = node_id_of(choice.getNode().cStr());
  if (!node_->is_member(to))
    return error(400, "there is no node " + std::string{choice.getNode().cStr()});
  auto admin = node_->directory->find(admin_key());
  if (!admin) return not_done(503, "rejected", "stopping", "the node is not serving");
  auto promise = std::make_shared<std::promise<lead_outcome>>();
  auto future = promise->get_future();
  const auto patience = node_->timing.request_timeout;
  caf::anon_send(admin, ask_leader{std::string{service}, to, patience, std::move(promise)});
  const auto outcome = wait(future, patience + loop_patience);
  if (!outcome) return unknown("the node ended or was silent; it may or may not have happened");
  switch (outcome->what) {
    case lead_outcome::kind::refused: return not_done(409, "rejected", "refused", outcome->text);
    case lead_outcome::kind::unknown: return unknown(outcome->text);
    case lead_outcome::kind::leads: break;
  }
  return {200, "{\"outcome\":\"done\",\"text\":" + to_json(outcome->text) + "}"};
}

http_response admin_api::execute(const std::string& name, const service::request_type& type,
                                 std::string_view body, const submit_options& options) const {
  auto request = std::make_shared<capnp::MallocMessageBuilder>();
  auto read = from_json(body, request->initRoot<capnp::DynamicStruct>(type.request));
  if (!read) return error(400, read.error().text);
  auto gateway = node_->directory->find(gateway_key(name));
  if (!gateway) return not_done(503, "rejected", "stopping", "the node is not serving");
  auto promise = std::make_shared<std::promise<call_outcome>>();
  auto future = promise->get_future();
  caf::anon_send(gateway,
                 execute_request{type.id, std::move(request), std::move(promise), options});
  auto outcome = wait(future, node_->timing.request_timeout + loop_patience);
  if (!outcome) return unknown("the node ended or was silent; it may or may not have happened");
  switch (outcome->kind) {
    case outcome_kind::rejected:
      return not_done(503, "rejected", name_of(outcome->reason), outcome->text);
    case outcome_kind::unknown: return unknown(outcome->text);
    case outcome_kind::done: break;
  }
  capnp::FlatArrayMessageReader reply{as_words(outcome->reply)};
  return {.body = to_json(reply.getRoot<capnp::DynamicStruct>(type.reply)),
          .headers = headers_of(*outcome)};
}

}  // namespace us
