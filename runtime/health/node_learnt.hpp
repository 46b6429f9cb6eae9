#pragma once
/// A node that is learnt of while this one runs: it was added to a group, and the configuration
/// file that this node has read may not name it, or not there. Sent to the heartbeat monitor and to
/// the links, as often as anybody likes.

#include "messages/ids.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <string>

namespace us {

struct node_learnt {
  node_id node;
  std::string name;
  std::string address;  ///< "host:port"
};
inline std::string to_string(const node_learnt& learnt) {
  return "node_learnt(" + learnt.name + ")";
}

/// The links are listed under this key, where there are any (live).
inline actor_key links_key() {
  return actor_key_of("links");
}

}  // namespace us

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::node_learnt)
