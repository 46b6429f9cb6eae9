#pragma once
/// The machinery under the live nodes of one process: CAF's actor system with its
/// middleman, tuned, and the loop that the nodes' actors run on.
///
/// The loop is the middleman's thread (an epoll loop). Actors with node_context.loop set run on
/// it as CAF's own brokers do: from its socket to its role and back a request crosses no
/// thread. So a handler must not block, and long work goes to the executor.
///
/// Why that is sound with CAF 0.17 (default_multiplexer): exec_later() takes what says subtype
/// io_actor, with the reference that enqueue() or launch() added; from the loop's thread it
/// joins the next cycle, from any other it goes through a pipe; resume() runs it and drops
/// the reference; what is still in the pipe at the end is released by the destructor.
///
/// Destruction waits until every actor has ended: end the nodes first.

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/fwd.hpp>

#include <memory>

namespace us {

class live_system {
 public:
  /// Also raises the limit of open files to what the machine allows.
  live_system();
  ~live_system();
  live_system(const live_system&) = delete;
  live_system& operator=(const live_system&) = delete;

  caf::actor_system& actors() { return *actors_; }
  caf::execution_unit* loop();

 private:
  std::unique_ptr<caf::actor_system_config> config_;
  std::unique_ptr<caf::actor_system> actors_;
};

}  // namespace us
