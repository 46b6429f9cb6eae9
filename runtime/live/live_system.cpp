#include "runtime/live/live_system.hpp"

#include <caf/io/middleman.hpp>

#include <algorithm>
#include <sys/resource.h>

namespace us {

namespace {

void raise_open_files() {
  constexpr rlim_t enough = 1u << 20;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::min(limit.rlim_max, enough);
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

std::unique_ptr<caf::actor_system_config> tuned_config() {
  auto config = std::make_unique<caf::actor_system_config>();
  config->load<caf::io::middleman>();
  // Our actors run on the loop: one scheduler thread is for CAF's own, and it must not poll, as it
  // would to steal work.
  config->set("scheduler.max-threads", 1);
  config->set("scheduler.policy", caf::atom("sharing"));
  config->set("middleman.workers", 0);
  // An actor that feeds itself must let the sockets have their turn.
  config->set("scheduler.max-throughput", 1000);
  // Read once per readiness: a second read nearly always finds nothing, and costs a call.
  config->set("middleman.max-consecutive-reads", 1);
  return config;
}

}  // namespace

live_system::live_system() : config_(tuned_config()) {
  raise_open_files();
  actors_ = std::make_unique<caf::actor_system>(*config_);
}

live_system::~live_system() = default;

caf::execution_unit* live_system::loop() {
  return &actors_->middleman().backend();
}

}  // namespace us
