#pragma once
/// Base of follower, candidate and leader: a replica's actor that owns the store while it
/// lives, speaks under its seat's address and ends by retire().
///
/// A role whose handler throws (a broken invariant, a failed disk) ends with an error; its store
/// dies with it and the replica is opened anew from the disk.

#include "actors/leader_follower/group.hpp"
#include "actors/leader_follower/roles.hpp"
#include "actors/leader_follower/rules.hpp"
#include "actors/leader_follower/store.hpp"
#include "runtime/health/member.hpp"
#include "runtime/node/node_actor.hpp"

#include <memory>
#include <string>

#include "messages/status.capnp.h"

namespace us {

/// What a role is started with.
struct role_start {
  node_ptr node;
  group_ptr group;
  caf::actor seat;
  std::shared_ptr<std::unique_ptr<replica_store>> store;
  std::string why;        ///< why the role before it ended
  bool transfer = false;  ///< candidate: the leader asked for this election
};

class role_base : public node_actor, public inspected {
 public:
  role_base(caf::actor_config& config, role_start start, role what);
  ~role_base() override;

  using node_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit* unit) override;
  /// The store's log, the seat and the monitor hold this actor: a role that was killed lets go of
  /// them here.
  void on_exit() override;

  replica_store& store() { return *store_; }
  const replica_store& store() const { return *store_; }
  change_log& log() { return *store_->log; }
  us::epoch epoch() const { return store_->epoch(); }
  const us::group& group() const { return *group_; }
  const std::string& why() const { return start_.why; }
  bool transfer() const { return start_.transfer; }
  bool ending() const { return ending_; }
  /// As announced last; none: nobody is known to lead.
  node_id leader() const { return leader_; }
  /// The members of the group, as this replica's log has it.
  const us::configuration& configuration() const { return store_->members.now(); }
  /// Lets links and monitor know where members are whose address is in the log. To be called when
  /// another configuration may be in force.
  void learn_members();
  /// A node's name, also of one that the configuration file does not have.
  std::string name_of(node_id node) const;
  rules::log_end log_end() const { return {store_->log->last_epoch(), store_->log->last_index()}; }

  /// How long it promises not to vote, each time.
  duration promise() const { return node().timing.election_timeout_min; }
  /// It has promised not to vote, and the time is not over.
  bool promised() const;

  /// A time in [min, 2 min], so that two candidates seldom stand at once; several times as long
  /// after elections that nobody won, and longer by far than votes take.
  duration election_timeout();
  /// As change_log::store_vote(), and notes how long it takes.
  void store_vote(const vote& v, std::function<void()> then);

  /// Sends to the same group's seat on another node, in this role's epoch.
  template <class Body, class Fill>
  void send_to(node_id to, Fill&& fill, std::size_t words_hint = 16) {
    (void)send_frame<Body>({to, group_->seat}, epoch(), std::forward<Fill>(fill), words_hint);
  }
  template <class Body, class Fill>
  void broadcast(const std::vector<node_id>& to, Fill&& fill) {
    const auto f =
        make_frame<Body>({0, {node().id, group_->seat}, group_->seat, epoch()}, fill, 16);
    for (const auto other : to)
      if (other != node().id) (void)node().send(other, f);
  }

  /// Ends this role: hands the store back once nothing waits for the disk, then quits.
  /// `pending`: a frame that the next role should handle first.
  void retire(role next, std::string why, frame pending = {}, bool transfer = false);

  /// To be called when something was applied or became durable.
  void advance_snapshots() {
    if (store_->snapshots) store_->snapshots->advance();
  }

  /// Tells the seat who leads; it tells the clients on this node.
  void announce(node_id leader);

  /// The behavior of a role: `table`, and what every role does with member changes and wind_down.
  /// `on_member` may be null.
  caf::behavior serve_role(dispatch_table table,
                           std::function<void(const member_changed&)> on_member = {},
                           std::function<void()> on_wind_down = {});

  /// Fills what every role knows of itself.
  void fill_status(message::ServiceStatus::Builder status, role r, node_id leader);
  template <class More>
  void reply_status(const us::sender& from, role r, node_id leader, More more) {
    (void)send_frame<message::ServiceStatus>(
        from.where(), epoch(),
        [&](message::ServiceStatus::Builder status) {
          fill_status(status, r, leader);
          more(status);
        },
        128);
  }

  // -- inspected
  replica_view view() const override;
  std::optional<std::uint64_t> entry_digest(log_index index) const override;
  std::uint64_t state_digest() const override;

 private:
  /// Adds the frames that the role has kept and the next one had better handle.
  virtual void hand_on(std::vector<frame>& to) { (void)to; }
  void finish_when_idle();
  void hide();
  void attach_losses();
  void fill_members(message::ServiceStatus::Builder status) const;

  role role_;
  node_id leader_;
  role_start start_;
  group_ptr group_;
  std::unique_ptr<replica_store> store_;
  std::optional<retired> ending_as_;
  log_index members_learnt_;
  bool ending_ = false;
};

/// A role with its state, which dies with the role. State::is says which role it is;
/// state.check_invariants(store) throws when the two contradict each other.
template <class State>
class role_actor final : public role_base {
 public:
  using behavior_function = caf::behavior (*)(role_actor*);

  role_actor(caf::actor_config& config, role_start start, behavior_function begin)
      : role_base(config, std::move(start), State::is), begin_(begin) {}

  State state;

  void check_invariants() const override {
    store().check_invariants();
    state.check_invariants(store());
  }

 protected:
  caf::behavior make_behavior() override { return begin_(this); }

 private:
  void hand_on(std::vector<frame>& to) override {
    if constexpr (requires { state.reads; }) state.reads.hand_on(to);
  }

  behavior_function begin_;
};

}  // namespace us
