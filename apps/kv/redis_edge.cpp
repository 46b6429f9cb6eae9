#include "apps/kv/redis_edge.hpp"

#include "apps/kv/redis_broker.hpp"

#include <caf/actor_system.hpp>
#include <caf/io/middleman.hpp>

#include <algorithm>
#include <sys/resource.h>
#include <sys/socket.h>

namespace kv {

namespace {

// Many clients may come at once, as after a failover.
constexpr int backlog = 4096;

// How many clients the process's limit of open files has room for.
std::size_t clients_allowed(std::size_t wanted) {
  constexpr std::size_t other_files = 256;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return wanted;
  const auto files = static_cast<std::size_t>(limit.rlim_cur);
  return std::min(wanted, files > 2 * other_files ? files - other_files : files / 2);
}

us::result<caf::actor> start(redis_options options, caf::actor_system& system,
                             const us::node_ptr& node, const us::endpoint& where,
                             std::uint32_t partitions) {
  auto listener = us::listen_on(where, "redis");
  if (!listener) return listener.error();
  (void)::listen(listener->get(), backlog);
  const auto wanted = options.clients_max;
  options.clients_max = clients_allowed(wanted);
  if (options.clients_max < wanted)
    node->ports.log->write(
        us::severity::warning, "redis_clients_limited",
        {{"clients_max", options.clients_max}, {"reason", "the limit of open files (ulimit -n)"}});
  auto bound = where;
  bound.port = us::bound_port(*listener);
  node->ports.log->write(us::severity::info, "redis_listens", {{"at", us::to_string(bound)}});
  caf::actor_config config{&system.middleman().backend()};
  return system.spawn_class<redis_broker, caf::no_spawn_options>(
      config, node, options, where, partitions,
      std::make_shared<us::owned_socket>(std::move(*listener)));
}

}  // namespace

us::edge redis_edge(redis_options options) {
  return {"redis", "kv",
          [options](caf::actor_system& system, const us::node_ptr& node, const us::endpoint& where,
                    std::uint32_t partitions) {
            return start(options, system, node, where, partitions);
          }};
}

}  // namespace kv
