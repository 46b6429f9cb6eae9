#include "runtime/supervision/child_registry.hpp"

#include <caf/exit_reason.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/message_id.hpp>
#include <caf/system_messages.hpp>

namespace us {

void kill_now(const caf::actor& who) {
  if (!who) return;
  who->enqueue(nullptr, caf::make_message_id(caf::message_priority::high),
               caf::make_message(caf::exit_msg{who.address(), caf::exit_reason::kill}), nullptr);
}

caf::actor child_registry::find(std::string_view name) const {
  std::lock_guard lock{mutex_};
  auto at = children_.find(name);
  return at == children_.end() ? caf::actor{} : at->second.who;
}

std::uint64_t child_registry::starts(std::string_view name) const {
  std::lock_guard lock{mutex_};
  auto at = children_.find(name);
  return at == children_.end() ? 0 : at->second.starts;
}

void child_registry::set(std::string_view name, caf::actor who) {
  std::lock_guard lock{mutex_};
  auto& child = children_[std::string{name}];
  child.who = std::move(who);
  ++child.starts;
}

void child_registry::clear(std::string_view name) {
  std::lock_guard lock{mutex_};
  auto at = children_.find(name);
  if (at != children_.end()) at->second.who = nullptr;
}

void child_registry::kill_all() {
  std::vector<caf::actor> living;
  {
    std::lock_guard lock{mutex_};
    for (auto& [name, child] : children_)
      if (child.who) living.push_back(std::move(child.who));
  }
  for (const auto& who : living) kill_now(who);
}

}  // namespace us
