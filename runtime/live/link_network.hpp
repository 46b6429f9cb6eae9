#pragma once
/// The network port over links: queues a frame in its peer's outbox and wakes the broker once
/// per batch. Thread-safe.

#include "runtime/config/config.hpp"
#include "runtime/live/outbox.hpp"
#include "runtime/node/context.hpp"
#include "runtime/ports/network.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace us {

/// To the broker: outboxes have frames.
struct link_flush {};
inline std::string to_string(link_flush) {
  return "link_flush";
}

class link_network final : public network {
 public:
  link_network(const std::vector<peer>& members, node_id self, const link_config& limits);

  errc send(node_id to, const frame& f) override;

  /// Null when it is unknown, or this node itself.
  outbox* find(node_id node) const;
  /// Of a node that was learnt of; the one that is there, if one is.
  outbox* add(node_id node);

  // -- the broker's side
  /// Called before any outbox is opened.
  void attach(caf::actor broker) { broker_ = std::move(broker); }
  /// Called before the outboxes are emptied: what is queued later wakes the broker again.
  void flush_begins() { flush_wanted_.store(false); }

 private:
  std::unordered_map<node_id, std::unique_ptr<outbox>> outboxes_;  ///< never changes
  mutable std::mutex mutex_;
  std::unordered_map<node_id, std::unique_ptr<outbox>> learnt_;  ///< only grows
  std::size_t bytes_max_;
  std::size_t frame_max_;
  caf::actor broker_;
  std::atomic<bool> flush_wanted_{false};
};

}  // namespace us

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::link_flush)
