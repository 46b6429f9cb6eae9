#include "tests/supervision/supervised_children.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <caf/system_messages.hpp>

#include <stdexcept>

namespace us::test {

namespace {

class player final : public node_actor {
 public:
  player(caf::actor_config& config, node_ptr node, stage_ptr on, std::string name)
      : node_actor(config, std::move(node)), stage_(std::move(on)), name_(std::move(name)) {}

  caf::behavior make_behavior() override {
    set_exit_handler([this](const caf::exit_msg& exit) {
      stage_->story += "~" + name_;
      if (stage_->manners[name_] == manner::obedient) quit(exit.reason);
    });
    return serve({}, {[](const std::string& text) { throw std::runtime_error{text}; },
                      [this](bool) { quit(); }});
  }
  void on_exit() override { stage_->story += "-" + name_; }
  const char* name() const override { return "player"; }

 private:
  stage_ptr stage_;
  std::string name_;
};

}  // namespace

child_spec make_child(const node_ptr& node, const stage_ptr& on, const std::string& name,
                      restart kind) {
  child_spec made;
  made.name = name;
  made.restart = kind;
  made.start = [node, on, name](caf::actor_system& system) {
    if (on->broken_starts[name]-- > 0) {
      on->story += "!" + name;
      throw std::runtime_error{"cannot start"};
    }
    on->story += "+" + name;
    return system.spawn<player>(node, on, name);
  };
  return made;
}

supervisor_spec make_spec(const node_ptr& node, const stage_ptr& on, const std::string& names,
                          strategy kind) {
  supervisor_spec made;
  made.name = "parent";
  made.strategy = kind;
  made.policy = {.restarts_max = 3,
                 .window = std::chrono::seconds{10},
                 .backoff_min = std::chrono::milliseconds{100},
                 .backoff_max = std::chrono::milliseconds{1000}};
  for (char name : names) made.children.push_back(make_child(node, on, std::string{name}));
  return made;
}

void crash(const caf::actor& child, const std::string& text) {
  caf::anon_send(child, text);
}

void finish(const caf::actor& child) {
  caf::anon_send(child, true);
}

}  // namespace us::test
