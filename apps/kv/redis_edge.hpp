#pragma once
/// The way in for Redis clients: an edge of the kv service that speaks RESP2 and RESP3.

#include "actors/app/app.hpp"

#include <chrono>
#include <cstddef>

namespace kv {

struct redis_options {
  std::size_t clients_max = 10'000;
  /// A client that lets so much of its replies wait and takes none for a second is cut off, and one
  /// for which four times as much waits at once.
  std::size_t output_bytes_max = 64u << 20;
  /// Beyond so many commands without an outcome the edge stops reading; it goes on at half.
  std::size_t open_max = 50'000;
};

/// Listens where the node's key "redis" says; is a client of the service "kv".
us::edge redis_edge(redis_options options = {});

}  // namespace kv
