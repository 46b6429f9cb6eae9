#pragma once
/// What the link broker keeps per peer and per connection. Plain state; the broker changes it.

#include "messages/wire.hpp"
#include "runtime/live/dialer.hpp"
#include "runtime/live/frame_stager.hpp"
#include "runtime/live/outbox.hpp"
#include "runtime/node/context.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/io/connection_handle.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace us {

constexpr std::chrono::milliseconds backoff_min{20};
constexpr std::chrono::milliseconds backoff_max{1000};

struct link_connection;

/// Another member, and the one connection to it. At most one of these holds: linked,
/// greeting on a connection of ours, dialling, waiting for the next attempt, or nothing.
struct link_peer {
  peer who;
  bool dials = false;  ///< this node makes the connection; else it only knocks
  outbox* out = nullptr;
  frame_stager stage;

  std::shared_ptr<link_connection> active;
  std::uint64_t incarnation = 0;  ///< of the peer, on the active connection
  time_point up_since;
  bool blocked = false;  ///< the socket is full; CAF's buffer holds bytes

  bool dialling = false;
  bool greeting = false;
  bool waiting = false;
  bool refusal_told = false;  ///< the monitor knows that nothing listens there
  std::chrono::milliseconds backoff = backoff_min;

  metrics::gauge up;
  metrics::counter bytes_sent;
};

struct link_connection {
  caf::io::connection_handle handle;
  std::uint64_t serial = 0;      ///< handles are used again, this is not
  std::string remote;            ///< "127.0.0.1:41234"
  link_peer* dialled = nullptr;  ///< whom this side wants to reach; null: accepted
  link_peer* peer = nullptr;     ///< after a valid Hello
  bool closed = false;
  wire_reader reader;

  int descriptor() const { return static_cast<int>(handle.id()); }  // so it is in CAF 0.17
};

/// To the broker, from a dialer's thread.
struct dial_ended {
  node_id peer;
  std::shared_ptr<dial_outcome> outcome;
};
inline std::string to_string(const dial_ended&) { return "dial_ended"; }

}  // namespace us

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::dial_ended)
