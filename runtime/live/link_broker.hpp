#pragma once
/// The links of one node: one TCP connection per pair of nodes, owned by one CAF broker on the
/// loop.
///
/// Of each pair the node with the smaller name dials. The other one, while it has no
/// connection, knocks: it dials too, says Hello and is hung up on, whereupon the first dials
/// at once. So a node that comes back is linked without waiting for the other's backoff, and both
/// learn when nothing listens at the other's address any more.
///
/// Receives: frames of the peers (delivered to the node's directory), link_flush from the port,
/// dial_ended, timers; node_learnt: one more peer, or another address of one. Sends to the monitor:
/// link_up, link_down. Bounds: strangers (connections without a valid Hello) in number, bytes and
/// time; what a peer does not read (outbox). Writing: everything queued goes out in one send() on
/// the socket itself; only what the socket does not take goes through CAF's buffer, which costs two
/// more system calls. Errors: what a peer sends wrong is counted, logged once per kind, and at most
/// costs it its connection.

#include "runtime/health/node_learnt.hpp"
#include "runtime/live/link_hello.hpp"
#include "runtime/live/link_network.hpp"
#include "runtime/live/link_peer.hpp"

#include <caf/io/broker.hpp>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace us {

struct link_setup {
  node_ptr node;
  link_config limits;
  std::shared_ptr<link_network> network;
  owned_socket listener;
  /// Dials a member; its dial_ended comes to the broker. Not called while one is under way.
  std::function<void(node_id, const caf::actor& broker)> dial;
  /// Where to dial a node from now on.
  std::function<void(node_id, const endpoint&)> move;
};

class link_broker final : public caf::io::broker {
 public:
  link_broker(caf::actor_config& config, std::shared_ptr<link_setup> setup);
  ~link_broker() override;

 protected:
  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "links"; }

 private:
  using connection_ptr = std::shared_ptr<link_connection>;

  // connections
  void accepted(caf::io::connection_handle handle);
  connection_ptr open(caf::io::connection_handle handle, link_peer* dialled);
  void data(const caf::io::new_data_msg& arrived);
  void received(const connection_ptr& from, const frame& f);
  void bad_stream(const connection_ptr& from, frame_error error);
  void drop(const connection_ptr& c);
  void forget(const connection_ptr& c);

  // the first frame
  void greeted(const connection_ptr& c, const frame& f);
  void knocked(const connection_ptr& c, link_peer& from, std::uint64_t incarnation);
  void establish(const connection_ptr& c, link_peer& with, std::uint64_t incarnation);
  void refused(const connection_ptr& c, const std::string& who, const std::string& why);

  // peers
  link_peer* find(node_id node);
  link_peer& add(const peer& who);
  void learnt(const node_learnt& who);
  void lost(link_peer& p);
  void dial(link_peer& p);
  void dial_later(link_peer& p);
  void dialled(link_peer& p, dial_outcome& outcome);
  void flush_all();
  void pump(link_peer& p);
  void transferred(const caf::io::data_transferred_msg& progress);

  template <class F>
  void after(duration delay, F f) {
    node_->ports.clock->after(delay, caf::actor_cast<caf::actor>(this), task{std::move(f)});
  }
  template <class Message>
  void tell_monitor(Message m);

  node_ptr node_;
  std::shared_ptr<link_setup> setup_;
  frame_limits limits_;
  std::vector<std::unique_ptr<link_peer>> peers_;
  std::map<node_id, std::string> learnt_;                         ///< their addresses
  std::unordered_map<std::int64_t, connection_ptr> connections_;  ///< by handle
  std::size_t strangers_ = 0;
  std::uint64_t serials_ = 0;
  std::set<std::string> told_;  ///< refusals that were logged, so that each is once
  metrics::counter refusals_;
};

}  // namespace us
