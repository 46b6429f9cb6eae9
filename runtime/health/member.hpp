#pragma once
/// What the heartbeat monitor says about the members of the cluster, and how to hear it.
///
/// Subscribe:   anon_send(monitor, watch_members{self})  -> member_changed for each other member
///              at once, then on every change.
/// Look:        member_table, shared between the monitor (writes) and, say, the status page.
/// Versions grow with every change of any member on this node; they order what one monitor
/// says and mean nothing to another node.

#include "messages/ids.hpp"
#include "runtime/ports/clock.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace us {

enum class member_state : unsigned char {
  unknown,    ///< never heard since this node started
  alive,      ///< its heartbeats come
  suspected,  ///< its heartbeats stopped, its process is gone, or it said goodbye
};
std::string to_string(member_state state);

/// From the monitor to those who watch.
struct member_changed {
  node_id node;
  member_state state = member_state::unknown;
  std::uint64_t version = 0;
  std::string why;  ///< plain words to follow its name: "was not heard for 412 ms"
};

/// To the monitor: tell me. The watcher is dropped when it ends.
struct watch_members {
  caf::actor watcher;  ///< null: the sender of this message
};

/// To the monitor, from whoever sees connections: the connection to `node` is closed.
struct link_down {
  node_id node;
  bool refused = false;  ///< and the machine refuses a new one: no process listens there
};

/// To the monitor: a connection to `node` stands.
struct link_up {
  node_id node;
};

/// The monitor listens under this key on every node.
actor_key monitor_key();

struct member_info {
  node_id node;
  std::string name;
  member_state state = member_state::unknown;
  std::uint64_t version = 0;
  std::string why;
  std::optional<time_point> last_heard;  ///< on this node's clock
};

/// The current state of every other member. Thread-safe.
class member_table {
 public:
  std::vector<member_info> snapshot() const;  ///< in the order they were put
  void put(const member_info& info);          ///< replaces what is there for info.node
  void heard(node_id node, time_point when);

 private:
  mutable std::mutex mutex_;
  std::vector<member_info> members_;
};

std::string to_string(const member_changed& change);
std::string to_string(const watch_members& watch);
std::string to_string(const link_down& down);
std::string to_string(const link_up& up);

}  // namespace us

// None of them leaves the process.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::member_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::watch_members)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::link_down)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::link_up)
