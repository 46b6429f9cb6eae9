#include "runtime/node/node_actor.hpp"

#include <bit>
#include <utility>

namespace us {

node_actor::node_actor(caf::actor_config& config, node_ptr node)
    : caf::event_based_actor(config), node_(std::move(node)) {
  set_exception_handler([this](std::exception_ptr& thrown) { return ended_by(thrown); });
}

node_actor::~node_actor() = default;

caf::error node_actor::ended_by(const std::exception_ptr& thrown) {
  std::string text = "unknown exception";
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& e) {
    text = e.what();
  } catch (...) {  // the text says so
  }
  node_->ports.log->write(severity::error, "actor_failed", {{"why", text}});
  return caf::make_error(caf::sec::runtime_error, std::move(text));
}

void node_actor::enqueue(caf::mailbox_element_ptr element, caf::execution_unit* unit) {
  event_based_actor::enqueue(std::move(element), node_->loop != nullptr ? node_->loop : unit);
}

void node_actor::enqueue(caf::strong_actor_ptr from, caf::message_id id, caf::message content,
                         caf::execution_unit* unit) {
  enqueue(caf::make_mailbox_element(std::move(from), id, {}, std::move(content)), unit);
}

void node_actor::launch(caf::execution_unit* unit, bool lazy, bool hide) {
  event_based_actor::launch(node_->loop != nullptr ? node_->loop : unit, lazy, hide);
}

caf::resumable::subtype_t node_actor::subtype() const {
  return node_->loop != nullptr ? resumable::io_actor : resumable::scheduled_actor;
}

void node_actor::on_exit() {
  table_ = {};
  others_ = {};
}

void node_actor::listen_as(actor_key key) {
  key_ = key;
  listed_ = true;
  node_->directory->add(key, handle());
  attach_functor([node = node_, key, self = caf::actor_cast<caf::actor_addr>(this)] {
    auto who = node->directory->find(key);
    if (who && who.address() == self) node->directory->remove(key, who);
  });
}

caf::behavior node_actor::serve(dispatch_table table, caf::message_handler more,
                                std::function<void(const frame&)> others) {
  table_ = std::move(table);
  others_ = std::move(others);
  caf::message_handler own{[this](const frame& f) { receive(f); }, [](const task& work) { work(); }};
  return own.or_else(more);
}

void node_actor::receive(const frame& f) {
  switch (table_.dispatch(f)) {
    case dispatch_result::handled: return;
    case dispatch_result::unknown_type:
      return others_ ? others_(f) : report_dropped(*node_, f, "unknown_type");
    case dispatch_result::malformed: return report_dropped(*node_, f, "malformed");
  }
}

void report_dropped(const node_context& node, const frame& f, std::string_view reason) {
  auto dropped = node.metrics->make_counter("understudy_frames_dropped_total",
                                            "Frames that were not delivered",
                                            {{"reason", std::string{reason}}});
  dropped.add();
  // Who sends a million wrong frames gets them counted, not a million lines.
  const auto count = static_cast<std::uint64_t>(dropped.value());
  if (count > 16 && !std::has_single_bit(count)) return;
  // Frames for an actor that has ended, or has not started, are how every stop and start looks.
  auto level = reason == "no_actor" ? severity::debug : severity::warning;
  node.ports.log->write(level, "frame_dropped",
                        {{"reason", std::string{reason}},
                         {"type", f.type()},
                         {"from", node.name_of(f.head().from.node)},
                         {"count", count}});
}

}  // namespace us
