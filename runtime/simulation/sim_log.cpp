#include "runtime/simulation/sim_log.hpp"

#include "runtime/simulation/incarnation.hpp"
#include "runtime/simulation/world.hpp"

#include <utility>

namespace us::sim {

namespace {

class log_port final : public log_sink {
 public:
  explicit log_port(std::shared_ptr<incarnation> who) : who_(std::move(who)) {}

  void write(severity level, std::string_view what,
             std::initializer_list<log_field> fields) override {
    if (!who_->alive) return;
    auto& world = *who_->where;
    if (level == severity::debug && !world.options().debug) return;
    std::string text{what};
    for (const auto& field : fields) {
      text += ' ';
      text += field.name;
      text += '=';
      text += field.value;
    }
    // Its supervisor would replace the actor and hide the bug.
    if (what == "actor_failed" && text.find(": ensure(") != std::string::npos)
      world.violated(who_->name + ": " + text);
    world.log(*who_, level, std::move(text));
  }

 private:
  std::shared_ptr<incarnation> who_;
};

}  // namespace

std::shared_ptr<log_sink> make_log_port(std::shared_ptr<incarnation> who) {
  return std::make_shared<log_port>(std::move(who));
}

}  // namespace us::sim
