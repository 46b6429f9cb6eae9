#pragma once
/// A node's stable address in an active-passive group: holds exactly one role actor on one view of
/// the group, starts the next when a role retires, and grants leases whatever the role is.
///
/// Owns the view between two roles, the promises on the disk, and the conditions (health, link,
/// maintenance) that it tells its roles. Receives everything addressed to the group on this node;
/// LeaseRequest, LeaseRelease and StatusRequest it answers itself. Tells the group's listener of
/// every change. Errors: a role that crashes, or promises that cannot be read or kept, end the seat
/// with an error, the addresses released: its supervisor starts it anew, with backoff. On
/// user_shutdown the role winds down first (an active hands over), then the seat ends.

#include "actors/active_passive/group.hpp"
#include "actors/active_passive/lease_granter.hpp"
#include "actors/active_passive/roles.hpp"
#include "runtime/node/node_actor.hpp"

#include <deque>
#include <map>
#include <optional>

#include "messages/status.capnp.h"

namespace us::active_passive {

caf::actor spawn_seat(caf::actor_system& system, const node_ptr& node, group of);

class seat final : public node_actor {
 public:
  seat(caf::actor_config& config, node_ptr node, group_ptr group);

  void on_exit() override;
  const char* name() const override { return "active-passive seat"; }

 protected:
  caf::behavior make_behavior() override;

 private:
  void open();
  void opened(const result<kept_promise>& kept);
  void start(role next, view_box view, std::string why, const term& with);
  void on_retired(const retired& last);
  void on_role_down(const caf::down_msg& down);
  void on_exit(const caf::exit_msg& exit);
  void on_address(const address_event& event);
  void change(const std::function<void(conditions&)>& how);
  void pass(const frame& f);
  void note_beat(const frame& f);
  void watch_members();
  void reply_status(const us::sender& from);
  void tell_listener(const std::string& why);

  group_ptr group_;
  std::optional<lease_granter> granter_;
  conditions own_;
  caf::actor role_;
  us::active_passive::role role_now_ = role::passive;
  us::epoch epoch_;  ///< of the present term as active, else the newest known
  node_id active_;   ///< as last heard from beats that passed here
  std::string why_;
  std::map<node_id, member_info> members_;
  std::optional<retired> next_;
  std::deque<frame> kept_;
  bool stopping_ = false;
};

}  // namespace us::active_passive
