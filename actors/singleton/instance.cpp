#include "actors/singleton/instance.hpp"

#include "runtime/service/service.hpp"

#include <kj/exception.h>

#include <algorithm>

namespace us {

std::string to_string(start_reason why) {
  switch (why) {
    case start_reason::first: return "first";
    case start_reason::failover: return "failover";
    case start_reason::takeover: return "takeover";
    case start_reason::restart: return "restart";
  }
  return "unknown";
}

singleton_instance::singleton_instance(caf::actor_config& config, singleton_start with)
    : node_actor(config, with.node), start_(std::move(with)) {}

void singleton_instance::on_exit() {
  node_actor::on_exit();
  handlers_.clear();
}

caf::behavior singleton_instance::serve_requests(std::vector<request_handler> handlers,
                                                 const caf::message_handler& more) {
  handlers_ = std::move(handlers);
  caf::message_handler own{[this](const asked& request) { handle(request); },
                           [this](const task& work) {
                             if (may_act()) work();
                           }};
  return own.or_else(more);
}

// What is dropped here unread is told to the host as not taken.
void singleton_instance::handle(const asked& request) {
  if (!may_act()) return;
  const auto at =
      std::find_if(handlers_.begin(), handlers_.end(),
                   [type = request.type()](const auto& each) { return each.type == type; });
  if (at == handlers_.end())
    return request.refuse(message::Reason::UNKNOWN_TYPE,
                          "singleton " + start_.name + " has no such request");
  try {
    at->run(request);
  } catch (const rejected& e) {
    request.refuse(message::Reason::FAILED, e.what());
  } catch (const kj::Exception& e) {
    request.refuse(message::Reason::MALFORMED, e.getDescription().cStr());
  }
}

}  // namespace us
