#include "actors/app/gateway.hpp"

#include "runtime/node/node_actor.hpp"

#include <caf/actor_system.hpp>

#include <unordered_map>
#include <utility>

namespace us {

namespace {

constexpr std::size_t open_max = 10'000;

class gateway final : public node_actor {
 public:
  gateway(caf::actor_config& config, node_ptr node, service_client::options how,
          partitioning partitions)
      : node_actor(config, std::move(node)),
        how_(std::move(how)),
        partitions_(std::move(partitions)) {}

  const char* name() const override { return "gateway"; }

  caf::behavior make_behavior() override {
    listen_as(gateway_key(how_.service));
    client_ = partitioned_client::make(
        shared_node(), handle(), key(), how_, partitions_.count,
        [this](request_sequence sequence, const outcome& o) { finish(sequence, o); });
    return serve(dispatch_table{client_->handlers()},
                 {[this](const execute_request& call) { execute(call); }});
  }

  // The client refers to this actor by a strong handle. Callers must not wait for nothing.
  void on_exit() override {
    node_actor::on_exit();
    client_.reset();
    open_.clear();
  }

 private:
  void execute(const execute_request& call) {
    early_.reset();
    auto sequence = client_->submit(
        1,
        [&call](std::size_t, message::Request::Builder request) {
          request.setType(call.type);
          request.getBody().set(call.body->getRoot<capnp::AnyPointer>().asReader());
        },
        [this, &call](std::size_t) {
          return partitions_.place(call.type, call.body->getRoot<capnp::AnyPointer>().asReader());
        },
        128, call.options);
    if (early_)
      call.into->set_value(*std::exchange(early_, std::nullopt));
    else
      open_.emplace(sequence, call.into);
  }

  void finish(request_sequence sequence, const outcome& o) {
    call_outcome owned{o.kind, o.reason, o.text, std::string{o.reply}, o.index, o.age};
    auto at = open_.find(sequence);
    if (at == open_.end()) {  // reported from within submit(): its number is not known yet
      early_ = std::move(owned);
      return;
    }
    auto promise = std::move(at->second);
    open_.erase(at);
    promise->set_value(std::move(owned));
  }

  service_client::options how_;
  partitioning partitions_;
  std::shared_ptr<partitioned_client> client_;
  std::unordered_map<request_sequence, std::shared_ptr<std::promise<call_outcome>>> open_;
  std::optional<call_outcome> early_;
};

}  // namespace

actor_key gateway_key(const std::string& service) {
  return actor_key_of("gateway/" + service);
}

caf::actor spawn_gateway(caf::actor_system& system, node_ptr node, std::string service,
                         actor_key seat, bool final_refusals, partitioning partitions) {
  return system.spawn<gateway>(std::move(node),
                               service_client::options{.service = std::move(service),
                                                       .seat = seat,
                                                       .open_max = open_max,
                                                       .final_refusals = final_refusals},
                               std::move(partitions));
}

}  // namespace us
