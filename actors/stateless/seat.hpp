#pragma once
/// The seat of a service that keeps no records here (replication "none"): every node has one, and
/// each executes what it is sent. Routers spread requests over them; clients of this node use their
/// own.
///
/// Receives OpenSession, SubmitBatch, WatchLeader (this node answers, always), StatusRequest, and
/// from routers HealthCheck and DrainNoted. Sends the answers; Draining to routers. An id is
/// executed once, unless its type may be executed twice: answers are kept until the client has them
/// (answer_table), and a session of a former seat is refused. A handler that throws has its request
/// rejected; one that writes a record too, as there are none.
/// On user_shutdown it drains: tells the routers that were heard lately, goes on executing until
/// each has noted it (so nothing of theirs is on its way any more) or drain_max has passed, then
/// refuses what is left in its mailbox as stopping, and ends.

#include "actors/client/answer_table.hpp"
#include "runtime/node/node_actor.hpp"
#include "runtime/service/service.hpp"

#include <map>
#include <set>

#include "messages/request.capnp.h"
#include "messages/routing.capnp.h"
#include "messages/status.capnp.h"

namespace us {

caf::actor spawn_stateless_seat(caf::actor_system& system, const node_ptr& node, service of);

class stateless_seat final : public node_actor {
 public:
  static constexpr duration drain_max = std::chrono::milliseconds{500};

  stateless_seat(caf::actor_config& config, node_ptr node, service of);

  const char* name() const override { return "stateless seat"; }
  void on_exit() override;

 protected:
  caf::behavior make_behavior() override;

 private:
  struct reply {
    request_sequence sequence;
    answer_table::answer what;
  };
  using replies = std::vector<reply>;

  void execute(message::SubmitBatch::Reader batch, const us::sender& from);
  void execute_one(session_id session, message::Request::Reader request, replies& into);
  answer_table::answer run(const service::request_type& type, message::Request::Reader request);
  void send_replies(const us::sender& to, session_id session, const replies& all);
  void check(message::HealthCheck::Reader check, const us::sender& from);
  void report(const us::sender& to);
  void start_upkeep(std::size_t which);

  void stop(const caf::exit_msg& exit);
  void drained();

  service service_;
  answer_table answers_;
  std::map<us::address, time_point> routers_;  ///< last heard
  std::set<us::address> to_note_;              ///< while draining
  bool draining_ = false;
  bool stopped_ = false;
};

}  // namespace us
