#pragma once
/// A replica's stable address: holds exactly one role actor on one store, and starts the
/// next when a role retires.
///
/// Owns the store between two roles. What is addressed to the group on this node goes straight to
/// the role; while none is there it comes to the seat, which keeps a bounded number of frames.
/// Answers WatchLeader itself (clients of this node hear who leads). Errors: a role that crashes,
/// or a store that cannot be opened, ends the seat with an error: its supervisor starts it anew,
/// from what the disk holds, with backoff. On user_shutdown the role winds down first (a leader
/// hands over), then the seat syncs what was not and ends.

#include "actors/leader_follower/group.hpp"
#include "actors/leader_follower/roles.hpp"
#include "runtime/node/node_actor.hpp"

#include <deque>
#include <set>

namespace us {

/// Starts the group's seat on the node: opens the store, then begins as follower. Name, directory
/// and seat follow from service and partition; the limits are given as those of the whole service.
caf::actor spawn_seat(caf::actor_system& system, const node_ptr& node, group of);

class seat final : public node_actor {
 public:
  seat(caf::actor_config& config, node_ptr node, group_ptr group);

  void on_exit() override;

 protected:
  caf::behavior make_behavior() override;

 private:
  using store_box = std::shared_ptr<std::unique_ptr<replica_store>>;

  void open();
  void opened(result<std::unique_ptr<replica_store>> store);
  void start(role next, store_box store, std::string why, bool transfer);
  void on_retired(const retired& last);
  void on_role_down(const caf::down_msg& down);
  void on_leads(const leads& now);
  void count_led(bool leading);
  void on_exit(const caf::exit_msg& exit);
  void close(std::unique_ptr<replica_store> store);
  void pass(const frame& f);
  void watch(const us::sender& from);
  void tell(const us::address& watcher);

  group_ptr group_;
  caf::actor role_;
  us::role role_now_ = role::follower;
  std::optional<retired> next_;
  std::deque<frame> kept_;
  std::set<us::address> watchers_;
  node_id leader_;
  us::epoch epoch_;
  bool leading_ = false;  ///< as it is counted
  bool stopping_ = false;
  std::unique_ptr<replica_store> closing_;
};

}  // namespace us
