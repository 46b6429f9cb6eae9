#pragma once
/// The commands that the edge answers by itself: about the connection, the protocol and the server.
/// Pure: what they need to know of the outside is in edge_facts.

#include "apps/kv/commands.hpp"
#include "apps/kv/resp_writer.hpp"
#include "runtime/service/submit_options.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace kv {

/// What one connection has agreed on.
struct session {
  std::uint64_t id = 0;
  std::string peer;  ///< "127.0.0.1:50568"
  std::int64_t since_ms = 0;
  std::string name;     ///< CLIENT SETNAME
  std::string library;  ///< CLIENT SETINFO
  std::string library_version;
  bool resp3 = false;
  /// When commands are answered: CLIENT ACKNOWLEDGE; nullopt: as the service is configured.
  std::optional<us::acknowledgement> acknowledge;
  /// Who answers commands that only read: CLIENT READS.
  us::read_policy reads;
  us::log_index seen;  ///< the newest that an answer has seen or done
};

/// What the commands tell about the server. One per edge.
struct edge_facts {
  std::string node;
  std::string cluster;
  std::string local;  ///< where the edge listens
  std::uint16_t port = 0;
  std::size_t clients_max = 10'000;
  std::size_t clients = 0;
  std::uint64_t connections_total = 0;
  std::uint64_t commands_total = 0;
  std::int64_t since_ms = 0;
  std::function<std::int64_t()> wall_ms = [] { return std::int64_t{0}; };
  /// Calls its argument for every connection.
  std::function<void(const std::function<void(const session&)>&)> each_session;
};

enum class after_reply { go_on, close };

/// Answers a command whose `run` is null. `arguments` has as many as its arity asks for.
after_reply answer_at_edge(const command& what, std::span<const std::string_view> arguments,
                           session& who, const edge_facts& facts, resp_writer& writer);

}  // namespace kv
