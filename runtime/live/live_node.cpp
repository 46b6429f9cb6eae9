#include "runtime/live/live_node.hpp"

#include "runtime/live/dialer.hpp"
#include "runtime/live/link_broker.hpp"
#include "runtime/live/live_clock.hpp"
#include "runtime/live/live_disk.hpp"
#include "runtime/live/live_executor.hpp"
#include "runtime/live/live_random.hpp"

#include <caf/actor_system.hpp>
#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>

namespace us {

namespace {

std::vector<peer> members_of(const cluster_config& cluster) {
  std::vector<peer> members;
  for (const auto& each : cluster.nodes) members.push_back({node_id_of(each.name), each.name});
  std::sort(members.begin(), members.end(),
            [](const peer& a, const peer& b) { return a.name < b.name; });
  return members;
}

// Grows from start to start, as far as the machine's clock does, and never repeats.
std::uint64_t new_incarnation(const ports& with) {
  auto since_1970 = static_cast<std::uint64_t>(with.clock->wall_ms());
  return (since_1970 << 20) | (with.random->next() & 0xfffff) | 1;
}

struct owned_ports {
  ports all;
  std::shared_ptr<live_executor> executor;
  std::shared_ptr<live_disk> disk;
};

result<owned_ports> make_ports(live_system& system, const cluster_config& cluster,
                               const node_config& own, live_node_options& options) {
  owned_ports owned;
  auto& made = owned.all;
  made.clock = std::make_shared<live_clock>(system.actors());
  made.random = std::make_shared<live_random>();
  made.executor = owned.executor = std::make_shared<live_executor>();
  if (options.style.node.empty()) options.style.node = own.name;
  made.log = options.log ? options.log : std::make_shared<live_log_sink>(options.style);
  auto disk = live_disk::open_directory(own.data);
  if (!disk) return disk.error();
  if (auto claimed = claim_directory(**disk, cluster.name, own.name); !claimed)
    return claimed.error();
  made.disk = owned.disk = *disk;
  return owned;
}

}  // namespace

live_node::live_node(live_system& system) : system_(system) {}

live_node::~live_node() {
  stop();
}

void live_node::stop() {
  if (local_ && node_) local_->leave(node_->id);
  local_.reset();
  if (links_) {
    caf::anon_send_exit(links_, caf::exit_reason::user_shutdown);
    caf::scoped_actor self{system_.actors()};
    self->wait_for(links_);
    links_ = nullptr;
  }
  dialers_.clear();
  // Not left to the context's end: a timer that is still to come may hold it for a while.
  if (executor_) executor_->finish();
  if (disk_) disk_->release();
}

status live_node::start_links(const cluster_config& cluster, const node_config& own) {
  auto listener = listen_on(own.address, "address");
  if (!listener) return listener.error();
  auto network = std::dynamic_pointer_cast<link_network>(node_->ports.network);
  auto setup = std::make_shared<link_setup>();
  setup->node = node_;
  setup->limits = cluster.link;
  setup->network = network;
  setup->listener = std::move(*listener);
  auto by_node = std::make_shared<std::unordered_map<node_id, dialer*>>();
  // One whose node is elsewhere now stays to the end: it may be at work.
  setup->move = [this, by_node](node_id to, const endpoint& where) {
    dialers_.push_back(std::make_unique<dialer>(where));
    (*by_node)[to] = dialers_.back().get();
  };
  for (const auto& other : cluster.nodes)
    if (other.name != own.name) setup->move(node_id_of(other.name), other.address);
  setup->dial = [by_node](node_id to, const caf::actor& broker) {
    by_node->at(to)->dial([to, broker](dial_outcome outcome) {
      caf::anon_send(broker, dial_ended{to, std::make_shared<dial_outcome>(std::move(outcome))});
    });
  };
  auto& backend = system_.actors().middleman().backend();
  caf::actor_config config{&backend};
  links_ = system_.actors().spawn_class<link_broker, caf::no_spawn_options>(config, setup);
  return done{};
}

result<std::unique_ptr<live_node>> make_live_node(live_system& system,
                                                  const cluster_config& cluster,
                                                  const node_config& own,
                                                  live_node_options options) {
  auto made = make_ports(system, cluster, own, options);
  if (!made) return made.error();
  auto context = std::make_shared<node_context>();
  context->cluster = cluster.name;
  context->name = own.name;
  context->id = node_id_of(own.name);
  context->incarnation = new_incarnation(made->all);
  context->members = members_of(cluster);
  context->timing = cluster.timing;
  context->ports = std::move(made->all);
  context->metrics = std::make_shared<us::metrics>();
  context->directory = std::make_shared<us::directory>();
  context->loop = system.loop();
  if (options.local)
    context->ports.network = options.local;
  else if (options.network)
    context->ports.network = options.network;
  else
    context->ports.network =
        std::make_shared<link_network>(context->members, context->id, cluster.link);
  std::unique_ptr<live_node> owner{new live_node{system}};
  owner->node_ = context;
  owner->executor_ = made->executor;
  owner->disk_ = made->disk;
  if (options.local) {
    owner->local_ = options.local;
    options.local->join(owner->node_);
  } else if (options.network) {
    return owner;
  } else if (auto started = owner->start_links(cluster, own); !started) {
    return started.error();
  }
  return owner;
}

}  // namespace us
