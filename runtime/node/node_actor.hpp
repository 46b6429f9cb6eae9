#pragma once
/// Base of this framework's actors: a CAF actor that lives on a node. Runs on the node's
/// loop, keeps time by the node's clock, sends and receives frames.
///
/// What touches CAF's way of scheduling and sending is here and in runtime/live, so
/// that a later CAF changes few files.

#include "messages/handlers.hpp"
#include "runtime/node/context.hpp"
#include "runtime/task.hpp"

#include <caf/event_based_actor.hpp>

#include <functional>
#include <utility>

namespace us {

class node_actor : public caf::event_based_actor {
 public:
  node_actor(caf::actor_config& config, node_ptr node);
  ~node_actor() override;

  const node_context& node() const { return *node_; }
  const node_ptr& shared_node() const { return node_; }
  caf::actor handle() { return caf::actor_cast<caf::actor>(this); }

  time_point now() const { return node_->ports.clock->now(); }

  /// Runs `f` in this actor after `delay`, unless it is gone by then.
  template <class F>
  void after(duration delay, F f) {
    node_->ports.clock->after(delay, handle(), task{std::move(f)});
  }
  /// Runs `f` in this actor once what is in its mailbox now has been handled: the end of a batch.
  template <class F>
  void at_end_of_turn(F f) {
    send(this, task{std::move(f)});
  }

  /// Sends a frame of type Body to an actor of any node.
  template <class Body, class Fill>
  errc send_frame(const us::address& to, us::epoch epoch, Fill&& fill, std::size_t words_hint = 32) {
    return node_->send(to.node, make_frame<Body>({0, {node_->id, key_}, to.actor, epoch},
                                                 std::forward<Fill>(fill), words_hint));
  }

  /// The key under which this actor is reached, put into what it sends. none: not listed.
  actor_key key() const { return key_; }

  // CAF's hooks: keep this actor on the node's loop.
  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit* unit) override;
  void enqueue(caf::strong_actor_ptr from, caf::message_id id, caf::message content,
               caf::execution_unit* unit) override;
  void launch(caf::execution_unit* unit, bool lazy, bool hide) override;
  subtype_t subtype() const override;
  /// Lets go of the handlers, which may hold what holds this actor. Who overrides it calls it.
  void on_exit() override;

 protected:
  /// Lists this actor in the node's directory until it ends.
  void listen_as(actor_key key);
  /// Sets the key put into what this actor sends, without listing it (a role speaks as its seat).
  void speak_as(actor_key key) { key_ = key; }

  /// The behavior every node actor has: tasks run, frames go through the table. A frame whose type the
  /// table does not have goes to `others`; without it, it is counted and logged with its source.
  /// `more` adds handlers of plain CAF messages.
  caf::behavior serve(dispatch_table table, caf::message_handler more = {},
                      std::function<void(const frame&)> others = {});
  void receive(const frame& f);

 private:
  caf::error ended_by(const std::exception_ptr& thrown);

  node_ptr node_;
  actor_key key_;
  bool listed_ = false;
  dispatch_table table_;
  std::function<void(const frame&)> others_;
};

/// Counts and logs a frame that was dropped.
void report_dropped(const node_context& node, const frame& f, std::string_view reason);

}  // namespace us
