#pragma once
/// Under which keys the parts of a singleton are listed on every node. The group's seat has
/// seat_key(name), the proxy singleton_key(name).

#include "messages/ids.hpp"

#include <string>
#include <string_view>

namespace us::singletons {

inline actor_key host_key(std::string_view name) {
  return actor_key_of("singleton-host/" + std::string{name});
}
/// The instance, on the node where it lives.
inline actor_key instance_key(std::string_view name) {
  return actor_key_of("singleton-instance/" + std::string{name});
}

}  // namespace us::singletons
