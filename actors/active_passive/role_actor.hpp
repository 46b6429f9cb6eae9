#pragma once
/// Base of passive, claimant, active and aside: beats to the others, hears theirs, speaks under its
/// seat's address, and ends by retire().
///
/// Owns the view of the group while it lives. Time: one tick each heartbeat; a tick that comes late
/// means that this node was not scheduled, and then it doubts itself first.

#include "actors/active_passive/group_view.hpp"
#include "runtime/node/node_actor.hpp"

#include <functional>
#include <memory>
#include <string>

namespace us::active_passive {

/// What a role is started with.
struct role_start {
  node_ptr node;
  group_ptr group;
  caf::actor seat;
  view_box view;
  std::string why;  ///< why the role before it ended
  us::active_passive::term term;
};

/// What a role does with what every role hears. Each may be empty.
struct role_functions {
  std::function<void(node_id, const peer_view&)> on_beat;
  std::function<void(duration late)> on_tick;  ///< late: beyond what is usual, else 0
  std::function<void()> on_conditions;
  std::function<void()> on_wind_down;
  std::function<void()> on_hand_over;
  std::function<void(const address_event&)> on_address;
};

class role_base : public node_actor {
 public:
  role_base(caf::actor_config& config, role_start start, message::Duty duty);
  void on_exit() override;

  group_view& view() { return *view_; }
  const us::active_passive::group& group() const { return *group_; }
  const group_timing& timing() const { return group_->timing; }
  address_owner& owner() { return *group_->owner; }
  const std::string& why() const { return start_.why; }
  const us::active_passive::term& term() const { return start_.term; }
  rules::patience patience() const { return {timing().heartbeat, timing().missed_max}; }
  bool ending() const { return ending_; }
  /// The epoch that this role's frames carry.
  us::epoch epoch() const { return epoch_; }
  void set_epoch(us::epoch e) { epoch_ = e; }

  node_id heard_active() { return view().active(now(), timing().silence()); }
  /// How many that could take over come before this node.
  std::size_t own_rank();
  /// The first of those that could take over; none: nobody is heard that could.
  node_id successor();

  template <class Body, class Fill>
  void send_to(node_id to, us::epoch about, Fill&& fill) {
    (void)send_frame<Body>({to, group_->seat}, about, std::forward<Fill>(fill), 16);
  }
  /// To every other member and, when `self`, to this node's own seat.
  template <class Body, class Fill>
  void broadcast(us::epoch about, Fill&& fill, bool self = false) {
    const auto f = make_frame<Body>({0, {node().id, key()}, group_->seat, about}, fill, 16);
    for (const auto& member : node().members)
      if (self || member.id != node().id) (void)node().send(member.id, f);
  }

  void beat_to(node_id to);
  void beat(bool leaving = false);
  /// Since when this node is active; for beats.
  void active_since(time_point when) { active_since_ = when; }

  /// Why it takes over: who chose it, if anybody, and what happened.
  std::string reason(const std::string& why) const;
  void log_event(const std::string& text);
  /// Reports how long this node and `rival` were active at once, once per term.
  void report_overlap(node_id rival, const peer_view& heard);

  /// Gives the view back and ends. No role speaks after it.
  void retire(role next, std::string why, us::active_passive::term with = {});
  /// Marks that no further frames or ticks are handled but by what is under way.
  void begin_ending() { ending_ = true; }

  /// The behavior of a role; begins beating.
  caf::behavior serve_role(role_functions functions, dispatch_table more = {});

 private:
  void hear(message::Beat::Reader beat, const us::sender& from);
  void tick();
  void refused(node_id node);
  void fill_beat(message::Beat::Builder beat, bool leaving);
  us::epoch beat_epoch() const;

  role_start start_;
  group_ptr group_;
  std::unique_ptr<group_view> view_;
  message::Duty duty_;
  role_functions functions_;
  us::epoch epoch_;
  std::optional<time_point> active_since_;
  time_point tick_due_{};
  bool ending_ = false;
};

/// A role with its state: State dies with the role.
template <class State, message::Duty Duty>
class role_actor final : public role_base {
 public:
  using behavior_function = caf::behavior (*)(role_actor*);

  role_actor(caf::actor_config& config, role_start start, behavior_function begin)
      : role_base(config, std::move(start), Duty), begin_(begin) {}

  State state;

 protected:
  caf::behavior make_behavior() override { return begin_(this); }

 private:
  behavior_function begin_;
};

}  // namespace us::active_passive
