#pragma once
/// Sends frames to other nodes. Live: links over TCP. In process: the other node's
/// directory. Simulation: links that delay, lose, duplicate, reorder and cut.
///
/// Delivery is at most once and unordered as far as a receiver may rely on it; a frame that
/// arrives is delivered to directory.deliver() of the receiving node.

#include "messages/frame.hpp"
#include "runtime/error.hpp"

namespace us {

class network {
 public:
  virtual ~network() = default;
  /// Queues a frame. none: queued; overloaded: link.max_inflight is reached;
  /// unreachable: no connection now. Senders whose protocol retries ignore the answer.
  virtual errc send(node_id to, const frame& f) = 0;
};

}  // namespace us
