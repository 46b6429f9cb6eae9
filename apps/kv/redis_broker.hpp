#pragma once
/// The edge's actor: sockets of Redis clients on one side, the service on the other.
///
/// Owns the listening socket, every client's connection, and the service's client. Runs on the
/// middleman's loop. Receives CAF's socket messages, frames for the service's client, and tasks.
/// Sends what all clients asked for in one turn of the loop as one batch (or few, by bytes),
/// and answers each client with one write per turn: straight to the socket while that takes it,
/// else through CAF's buffer.
///
/// Bounds: clients_max connections; a connection whose input waits behind its own commands, or any
/// that sends while open_max commands have no outcome, is not read from; one that does not take its
/// replies gets no further commands executed, and is cut off (see redis_options).
/// A client that ends its side while commands are under way gets their replies.
/// End: on user_shutdown it stops listening, answers what is under way, refuses what comes, closes.
///
/// CAF 0.17: a connection_handle's id is its socket. What starts or stops reading takes effect
/// after the current piece of the loop's turn, and of two such orders in one piece the second
/// undoes the first only in part: a stop after a start, or a close, leaves the socket open for ever
/// without reading. So reading stops and starts only in resume(), never both for one connection in
/// the same one, and a close of what has not begun to be read is put off.

#include "actors/client/partitioned_client.hpp"
#include "apps/kv/connection.hpp"
#include "apps/kv/redis_edge.hpp"
#include "runtime/live/socket.hpp"
#include "runtime/node/context.hpp"
#include "runtime/task.hpp"

#include <caf/io/broker.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

namespace kv {

class redis_broker final : public caf::io::broker {
 public:
  redis_broker(caf::actor_config& config, us::node_ptr node, redis_options options,
               us::endpoint where, std::uint32_t partitions,
               std::shared_ptr<us::owned_socket> listener);
  ~redis_broker() override;

  resume_result resume(caf::execution_unit* unit, std::size_t messages_max) override;
  void on_exit() override;

 protected:
  caf::behavior make_behavior() override;

 private:
  /// One client. Named by its socket; `serial` tells it from a later one of the same number.
  struct client {
    explicit client(session who) : talk(std::move(who)) {}

    connection talk;
    caf::io::connection_handle handle;
    std::uint64_t serial = 0;
    std::size_t read_bytes = 0;       ///< how much one read may take
    std::size_t buffered = 0;         ///< bytes of replies in CAF's buffer
    std::uint64_t reads_since = 0;    ///< the resume() before reading began
    std::uint64_t halted_at = 0;      ///< the resume() in which reading stopped
    std::uint32_t closing_ticks = 0;  ///< since it was to be closed
    /// Set once CAF has let go of a client that ended its side with commands under way.
    us::owned_socket leaving;
    bool queued = false;   ///< in ready_
    bool changed = false;  ///< in changed_
    bool held = false;     ///< in held_
    bool halted = false;   ///< CAF does not read
    bool took = true;      ///< read some of its replies since the last tick
    bool active = true;    ///< heard since the last tick
  };
  struct client_ref {
    int socket;
    std::uint64_t serial;
  };
  struct ticket {
    client_ref who;
    std::uint32_t index;
  };
  struct batch {
    us::request_sequence first;
    std::vector<ticket> tickets;
    std::size_t open;
  };
  /// The commands of one batch while it is put together: views into the clients' input.
  struct draft {
    std::vector<ticket> tickets;
    std::vector<std::size_t> ends;  ///< of each command's arguments
    std::vector<std::string_view> arguments;
    std::vector<us::request_place> places;  ///< with several partitions
    std::size_t words = 0;
    us::submit_options options;  ///< of all of them
  };

  // sockets: redis_broker_io.cpp
  void accept(const caf::io::new_connection_msg& m);
  void data(const caf::io::new_data_msg& m);
  void transferred(const caf::io::data_transferred_msg& m);
  void closed(const caf::io::connection_closed_msg& m);
  void write(client& c);
  bool send_now(client& c);
  void write_changed();
  void write_leaving(client& c);
  bool keep_leaving(client& c);
  void close(client& c);
  bool reading_began(std::uint64_t since) const { return resumes_ >= since + 2; }
  void forgotten();
  void cut_off(client& c, const char* why);
  void hold_back(client& c);
  void stop_reading(client& c);
  bool may_read(const client& c) const;
  void check_held();
  void tick();
  void tick_client(client& c);

  // commands: redis_broker.cpp
  void queue(client& c);
  void turn();
  void advance(client& c);
  const char* draft_command(client& c, std::uint32_t index,
                            std::span<const std::string_view> arguments);
  void submit_draft();
  void outcome(us::request_sequence sequence, const us::outcome& o);
  void finish(const ticket& t, const us::outcome& o);
  void receive(const us::frame& f);
  void drain();
  void quit_when_drained();
  void touch(client& c);
  client* find(const client_ref& who);
  client* find(caf::io::connection_handle handle);
  template <class F>
  void after(us::duration delay, F f) {
    node_->ports.clock->after(delay, caf::actor_cast<caf::actor>(this), us::task{std::move(f)});
  }

  us::node_ptr node_;
  redis_options options_;
  std::shared_ptr<us::owned_socket> listener_;
  caf::io::accept_handle doorman_;
  std::uint32_t partitions_;
  std::shared_ptr<us::partitioned_client> service_;
  us::dispatch_table frames_;
  edge_facts facts_;
  std::vector<std::unique_ptr<client>> clients_;                        ///< by socket
  std::unordered_map<std::uint64_t, std::unique_ptr<client>> leaving_;  ///< by serial
  std::vector<client_ref> ready_;    ///< have input for the next turn
  std::vector<client_ref> changed_;  ///< have output, or are to be closed
  std::vector<client_ref> held_;     ///< are not read from for now
  std::deque<batch> batches_;        ///< by first sequence
  draft draft_;
  std::vector<std::pair<us::request_sequence, us::outcome>> early_;  ///< before submit() returned
  bool submitting_ = false;
  bool turn_comes_ = false;
  bool check_comes_ = false;
  bool draining_ = false;
  bool told_full_ = false;  ///< logged that clients_max is reached
  std::uint64_t resumes_ = 0;
  std::uint64_t serials_ = 0;
  us::metrics::gauge clients_gauge_;
  us::metrics::counter commands_counter_;
  us::metrics::counter cut_counter_;
};

}  // namespace kv
