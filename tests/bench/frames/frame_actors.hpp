#pragma once
/// The two ends of a ping-pong with frames of 128 bytes: an echo, and a driver that keeps a
/// window of them on the way.

#include "runtime/node/context.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <cstdint>
#include <functional>

namespace us::bench {

struct run {
  std::uint64_t round_trips = 0;
  std::size_t window = 1;
  us::address echo;
};

/// Builds a new frame with the bytes of each one that comes, and sends it back.
caf::actor spawn_echo(caf::actor_system& system, const node_ptr& node);

/// Does one run at once and calls `done`, in its own context. Then it ends.
caf::actor spawn_driver(caf::actor_system& system, const node_ptr& node, const run& what,
                        std::function<void()> done);

constexpr std::size_t payload_bytes = 128;

us::actor_key echo_key();

}  // namespace us::bench
