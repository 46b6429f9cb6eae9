#include "tests/router/routed_cluster.hpp"

#include "actors/stateless/seat.hpp"
#include "runtime/health/heartbeat_monitor.hpp"
#include "runtime/supervision/supervisor.hpp"

#include <algorithm>

namespace us::test {

namespace {

using namespace std::chrono_literals;

class routed_client final : public node_actor {
 public:
  routed_client(caf::actor_config& config, node_ptr node, router::options how,
                std::shared_ptr<routed_load> load, std::shared_ptr<std::shared_ptr<router>> shown)
      : node_actor(config, std::move(node)),
        how_(std::move(how)),
        load_(std::move(load)),
        shown_(std::move(shown)) {}

  void on_exit() override {
    node_actor::on_exit();
    router_.reset();
    shown_->reset();
  }

 protected:
  caf::behavior make_behavior() override {
    listen_as(actor_key_of("client"));
    router_ = router::make(shared_node(), handle(), key(), how_,
                           [this](request_sequence id, const outcome& o) { ended(id, o); });
    router_->watch_members();
    *shown_ = router_;
    next();
    return serve(dispatch_table{router_->handlers()},
                 {[this](const member_changed& change) { router_->on_member(change); }});
  }

 private:
  void next() {
    after(load_->interval, [this] {
      if (!load_->stopped) submit();
      next();
    });
  }

  void submit() {
    const auto number = load_->requests.size();
    const bool charge = load_->charges > 0 && number % load_->charges == 0;
    load_->requests.push_back({.number = number,
                               .idempotent = !charge,
                               .submitted = load_->now(),
                               .text = {},
                               .node = {}});
    const auto fill = [&](message::Request::Builder request) {
      if (charge) {
        request.setType(capnp::typeId<Charge>());
        request.getBody().initAs<Charge>().setNumber(number);
      } else {
        request.setType(capnp::typeId<Echo>());
        request.getBody().initAs<Echo>().setNumber(number);
      }
    };
    const auto key = std::to_string(number % 64);
    const auto id = router_->submit(fill, {.key = key});
    if (id.value != number + 1) throw std::logic_error{"the router numbers requests otherwise"};
  }

  void ended(request_sequence id, const outcome& o) {
    auto& r = load_->requests.at(id.value - 1);
    if (!r.open) throw std::logic_error{"a second outcome of " + std::to_string(r.number)};
    r.open = false;
    r.ended = load_->now();
    r.kind = o.kind;
    r.text = o.text;
    if (o.kind != outcome_kind::done) return;
    capnp::FlatArrayMessageReader reader{as_words(o.reply)};
    auto echoed = reader.getRoot<Echoed>();
    if (echoed.getNumber() != r.number) throw std::logic_error{"an answer to another request"};
    r.node = echoed.getNode().cStr();
  }

  router::options how_;
  std::shared_ptr<routed_load> load_;
  std::shared_ptr<std::shared_ptr<router>> shown_;
  std::shared_ptr<router> router_;
};

}  // namespace

const std::vector<std::string>& routed_cluster::backends() {
  static const std::vector<std::string> names{"a", "b", "c"};
  return names;
}

routed_cluster::routed_cluster(std::uint64_t seed, router::options how)
    : how_(std::move(how)),
      sim_(
          {.nodes = {"a", "b", "c", "client"},
           .seed = seed,
           .start = false,
           .restart_exited = 200ms},
          [this](caf::actor_system& system, const node_ptr& node) { return start(system, node); }) {
  load_->now = [this] { return sim_.now(); };
  for (const auto& name : backends()) how_.targets.push_back({node_id_of(name), name});
  how_.idempotent = idempotent_types(echo_service("", nullptr));
  for (const auto& name : sim_.nodes()) sim_.node(name).start();
}

caf::actor routed_cluster::start(caf::actor_system& system, const node_ptr& node) {
  supervisor_spec spec;
  spec.name = "node " + node->name;
  spec.children.push_back({.name = "heartbeat monitor", .start = [node](auto& with) {
                             return spawn_heartbeat_monitor(with, node, nullptr);
                           }});
  if (node->name == "client")
    spec.children.push_back(
        {.name = "client", .start = [node, how = how_, load = load_, shown = router_](auto& with) {
           return with.template spawn<routed_client>(node, how, load, shown);
         }});
  else
    spec.children.push_back({.name = "seat", .start = [node, count = executions_](auto& with) {
                               return spawn_stateless_seat(with, node,
                                                           echo_service(node->name, count));
                             }});
  return spawn_supervisor(system, node, std::move(spec)).root;
}

void routed_cluster::finish() {
  load_->stopped = true;
  const auto ended = [this] {
    return std::none_of(load_->requests.begin(), load_->requests.end(),
                        [](const request_record& r) { return r.open; });
  };
  if (!sim_.run_until(ended, 10s)) sim_.fail("some requests never end");
  for (const auto& r : load_->requests) {
    const auto times = (*executions_)[r.number];
    const auto what = "request " + std::to_string(r.number);
    if (!r.idempotent && times > 1)
      sim_.fail(what + " was executed " + std::to_string(times) + " times");
    if (r.kind == outcome_kind::done && times == 0) sim_.fail(what + " was answered by nobody");
    if (r.kind == outcome_kind::rejected && times > 0)
      sim_.fail(what + " was rejected and executed");
  }
}

std::vector<request_record> routed_cluster::failed(bool all) const {
  std::vector<request_record> found;
  for (const auto& r : load_->requests)
    if (!r.open && r.kind != outcome_kind::done && (all || r.idempotent)) found.push_back(r);
  return found;
}

std::map<std::string, int> routed_cluster::answered_by(duration since) const {
  std::map<std::string, int> counts;
  for (const auto& r : load_->requests)
    if (!r.open && r.submitted >= since && r.kind == outcome_kind::done) ++counts[r.node];
  return counts;
}

duration routed_cluster::slowest(duration since) const {
  duration most{0};
  for (const auto& r : load_->requests)
    if (!r.open && r.idempotent && r.submitted >= since)
      most = std::max(most, r.ended - r.submitted);
  return most;
}

}  // namespace us::test
