#include "tests/live/live_cluster.hpp"

#include "runtime/live/socket.hpp"

#include <caf/actor_system.hpp>

namespace us::test {

namespace {

// A type of its own, so that the beats are ordinary frames and not urgent ones.
using beat = message::Hello;

class echo_actor final : public node_actor {
 public:
  echo_actor(caf::actor_config& config, node_ptr node, const std::string& key)
      : node_actor(config, std::move(node)) {
    listen_as(actor_key_of(key));
  }
  caf::behavior make_behavior() override {
    return serve(dispatch_table{{on<beat>([this](beat::Reader b, const us::sender& from) {
      (void)send_frame<beat>(from.where(), {}, [&](beat::Builder reply) {
        reply.setIncarnation(b.getIncarnation());
      });
    })}});
  }
};

class listener_actor final : public node_actor {
 public:
  listener_actor(caf::actor_config& config, node_ptr node, const std::string& key,
                 std::shared_ptr<happenings> to, std::uint64_t every)
      : node_actor(config, std::move(node)), to_(std::move(to)), every_(every) {
    listen_as(actor_key_of(key));
  }
  caf::behavior make_behavior() override {
    return serve(dispatch_table{{on<beat>([this](beat::Reader b, const us::sender&) {
      in_order_ = in_order_ && b.getIncarnation() == ++last_;
      if (!in_order_)
        to_->add("out of order " + std::to_string(b.getIncarnation()));
      else if (last_ % every_ == 0)
        to_->add("heard " + std::to_string(b.getIncarnation()) + ".");
    })}});
  }

 private:
  std::shared_ptr<happenings> to_;
  std::uint64_t every_;
  std::uint64_t last_ = 0;
  bool in_order_ = true;
};

}  // namespace

std::uint16_t free_port() {
  auto s = listen_on({"127.0.0.1", 0}, "test");
  return bound_port(*s);
}

cluster_config make_cluster(const std::vector<std::string>& names, const std::string& home) {
  cluster_config cluster;
  cluster.name = "demo";
  for (const auto& name : names) {
    node_config node;
    node.name = name;
    node.address = {"127.0.0.1", free_port()};
    node.data = home + "/" + name;
    cluster.nodes.push_back(node);
  }
  return cluster;
}

running_node start_node(live_system& system, const cluster_config& cluster, const std::string& name,
                        std::shared_ptr<local_network> local) {
  running_node started;
  live_node_options options;
  options.local = std::move(local);
  options.log = std::make_shared<log_to_happenings>(started.log);
  const node_config* own = nullptr;
  for (const auto& each : cluster.nodes)
    if (each.name == name) own = &each;
  auto made = make_live_node(system, cluster, *own, options);
  if (!made) throw std::runtime_error{made.error().text};
  started.live = std::move(*made);
  return started;
}

caf::actor spawn_echo(live_system& system, const node_ptr& node, const std::string& key) {
  return system.actors().spawn<echo_actor>(node, key);
}

caf::actor spawn_listener(live_system& system, const node_ptr& node, const std::string& key,
                          std::shared_ptr<happenings> to, std::uint64_t every) {
  return system.actors().spawn<listener_actor>(node, key, std::move(to), every);
}

frame make_beat(const node_ptr& from, const std::string& from_key, const std::string& to_key,
                std::uint64_t sequence) {
  return make_frame<beat>({0, {from->id, actor_key_of(from_key)}, actor_key_of(to_key), {}},
                          [&](beat::Builder b) { b.setIncarnation(sequence); });
}

void end_actors(live_system& system, std::initializer_list<caf::actor> actors) {
  caf::scoped_actor self{system.actors()};
  for (const auto& each : actors) {
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
    self->wait_for(each);
  }
}

}  // namespace us::test
