#pragma once
/// The commands of the kv service: which there are, how many arguments they take, and the service
/// that executes those about keys. The rest (PING, HELLO, ...) is answered by the edge.
///
/// Keys and values are bytes of any kind. A record whose time has come reads as absent at once;
/// upkeep removes it. Replies and error texts are those of Redis 7.0.

#include "runtime/service/service.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace kv {

struct call;

/// Bounds that Redis has at 512 MB; here what fits a frame with room to spare.
struct limits {
  static constexpr std::size_t command_bytes = 16u << 20;  ///< one command as it is sent
  static constexpr std::size_t value_bytes = 16u << 20;    ///< one value, however it grew
  static constexpr std::size_t answer_bytes = 32u << 20;   ///< all of one reply
};

struct command {
  enum flag : unsigned { readonly = 1, write = 2, fast = 4, denyoom = 8 };

  std::string_view name;  ///< lower case
  int arity;              ///< with the name; negative: at least that many
  void (*run)(call&);     ///< null: the edge answers it
  unsigned flags;
  int first_key, last_key, key_step;  ///< as COMMAND INFO counts them
  std::string_view since;             ///< the Redis version that brought it
  std::string_view summary;

  bool takes(std::size_t arguments) const {
    const auto count = static_cast<std::int64_t>(arguments);
    return arity >= 0 ? count == arity : count >= -arity;
  }
};

std::span<const command> commands();

/// By name, in any case; null when there is none.
const command* find_command(std::string_view name);

std::string wrong_arity_text(std::string_view command_name);
std::string unknown_command_text(std::span<const std::string_view> arguments);

/// The service "kv": Command -> Answer over records of Value.
us::service make_service();

}  // namespace kv
