#include "actors/simulation/simulated_client.hpp"

#include "runtime/node/node_actor.hpp"
#include "runtime/simulation/sim_node.hpp"

#include <caf/actor_system.hpp>

#include <cstring>
#include <unordered_map>
#include <utility>

namespace us {

void detail::call_state::end(const us::outcome& how) {
  outcome = how.kind;
  reason = how.reason;
  text = how.text;
  index = how.index;
  age = how.age;
  if (how.kind == outcome_kind::done) {
    reply = kj::heapArray<capnp::word>(how.reply.size() / sizeof(capnp::word));
    std::memcpy(reply.begin(), how.reply.data(), reply.asBytes().size());
    reader = std::make_unique<capnp::FlatArrayMessageReader>(reply);
  }
  if (then) std::exchange(then, nullptr)();
}

/// Shared by the handle and its actor; the actor's life is that of its node's incarnation.
struct simulated_client::connection {
  std::shared_ptr<partitioned_client> client;  ///< null once the actor has ended
  std::unordered_map<std::uint64_t, std::shared_ptr<detail::call_state>> open;
  std::shared_ptr<detail::call_state> submitting;

  void end(request_sequence sequence, const us::outcome& how) {
    if (auto call = open.extract(sequence.value)) return call.mapped()->end(how);
    if (submitting) submitting->end(how);  // refused before its sequence was known here
  }
  void lost() {
    client.reset();
    for (auto& [sequence, call] : std::exchange(open, {}))
      call->end({outcome_kind::unknown, message::Reason::NONE, "the client's node went down", {}});
  }
};

namespace {

template <class Connection>
class client_actor final : public node_actor {
 public:
  client_actor(caf::actor_config& config, node_ptr node, std::shared_ptr<Connection> with,
               service_client::options how, std::uint32_t partitions, std::string name)
      : node_actor(config, std::move(node)),
        with_(std::move(with)),
        how_(std::move(how)),
        partitions_(partitions),
        name_(std::move(name)) {}

  void on_exit() override {
    node_actor::on_exit();
    with_->lost();
  }

 private:
  caf::behavior make_behavior() override {
    const auto key = actor_key_of(name_);
    listen_as(key);
    with_->client = partitioned_client::make(
        shared_node(), handle(), key, how_, partitions_,
        [with = std::weak_ptr{with_}](request_sequence sequence, const us::outcome& how) {
          if (auto connection = with.lock()) connection->end(sequence, how);
        });
    return serve(dispatch_table{with_->client->handlers()});
  }

  std::shared_ptr<Connection> with_;
  service_client::options how_;
  std::uint32_t partitions_;
  std::string name_;
};

}  // namespace

simulated_client::simulated_client(sim::node& at, std::string service, unsigned number,
                                   partitioning partitions)
    : simulated_client(at, std::move(service), number, actor_key{}) {
  partitions_ = std::move(partitions);
}

simulated_client::simulated_client(sim::node& at, std::string service, unsigned number,
                                   actor_key seat)
    : at_(at), service_(std::move(service)), number_(number), seat_(seat) {}

simulated_client::~simulated_client() {
  if (connection_) connection_->open.clear();
}

std::size_t simulated_client::open() const {
  return connection_ ? connection_->open.size() : 0;
}

void simulated_client::connect() {
  if (connection_ && connection_->client) return;
  connection_ = std::make_shared<connection>();
  const auto name =
      "client/" + service_ + "/" + std::to_string(number_) + "/" + std::to_string(++connections_);
  at_.host([&](caf::actor_system& system, const node_ptr& context) {
    return caf::actor_cast<caf::actor>(system.spawn<client_actor<connection>>(
        context, connection_,
        service_client::options{
            .service = service_, .seat = seat_, .final_refusals = !seat_.none()},
        partitions_.count, name));
  });
}

std::shared_ptr<detail::call_state> simulated_client::submit(const fill& f,
                                                             const submit_options& what) {
  auto call = std::make_shared<detail::call_state>();
  if (!at_.running()) {
    call->end({outcome_kind::rejected, message::Reason::NONE, at_.name() + " is down", {}});
    return call;
  }
  connect();
  at_.call([&] {
    connection_->submitting = call;
    const auto sequence = connection_->client->submit(
        1, [&f](std::size_t, message::Request::Builder to) { f(to); },
        [&](std::size_t) {
          capnp::MallocMessageBuilder memory;
          auto request = memory.initRoot<message::Request>();
          f(request);
          return partitions_.place(request.getType(), request.asReader().getBody());
        },
        128, what);
    connection_->submitting.reset();
    if (!call->outcome) connection_->open.emplace(sequence.value, call);
  });
  return call;
}

}  // namespace us
