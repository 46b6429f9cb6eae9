#pragma once
/// One simulated node: its disk and clock, which stay, and its incarnations, which come and go.
///
/// Owns the running incarnation's context and root. Each start makes a new context with new
/// ports; those of the former incarnation are dead: nothing of it is delivered, its timers and
/// disk jobs never come back, what it sends is dropped.
/// Invariant: once an incarnation has ended, not one of its actors is left.

#include "runtime/node/program.hpp"
#include "runtime/simulation/sim_clock.hpp"
#include "runtime/simulation/sim_disk.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace us::sim {

class world;
class incarnation;
struct event;

class node {
 public:
  node(world& where, std::size_t index, std::string name, node_program program, bool member);
  ~node();

  const std::string& name() const { return name_; }
  node_id id() const { return id_; }
  bool member() const { return member_; }

  // -- life
  /// Starts a new incarnation on the disk as it is. No effect when it runs; one that was asked to
  /// stop is started once it has.
  void start();
  /// Power loss: at once, the disk's unsynced writes lost, kept or torn, and a job of the executor
  /// cut off in its middle. No effect when it is down.
  void crash();
  /// The process dies (kill -9): as crash, but what was written is kept by the page cache.
  void kill();
  /// Starts it again; a running node is crashed first.
  void restart();
  /// The same with a new, empty disk.
  void restart_empty();
  /// Nothing of the node is scheduled, and what is for it waits (SIGSTOP); clocks go on.
  void pause();
  void resume();
  /// Asks the root to end in order (user_shutdown) and runs until it has. False: it did not
  /// within the limit of virtual time.
  [[nodiscard]] bool stop(duration limit = std::chrono::seconds{10});
  /// Asks the root to end in order and does not wait.
  void ask_to_stop();
  /// The program that upgrade(), and with it the fault of that name, puts in place: another
  /// version, say.
  void upgrade_to(node_program next) { next_program_ = std::move(next); }
  /// From the next start on the node runs what upgrade_to() gave; without that, what it ran.
  void upgrade();

  bool running() const { return incarnation_ != nullptr; }
  bool paused() const { return paused_; }
  /// How often it was started.
  std::uint64_t starts() const { return starts_; }
  /// Why the last incarnation ended by itself or did not start; empty otherwise.
  const std::string& exit_text() const { return exit_text_; }

  // -- inside
  /// The running incarnation's context; null when the node is down.
  node_ptr context() const;
  /// The root of the running incarnation; null when the node is down.
  caf::actor root() const;
  /// What can be looked at now; empty when the node is down.
  const std::vector<const inspected*>& replicas() const;
  /// Starts an actor beside the program's, e.g. a client; it ends with the incarnation.
  caf::actor host(const std::function<caf::actor(caf::actor_system&, const node_ptr&)>& make);
  /// Runs `f` as if an event had come to this node: the way to call into its actors.
  void call(const std::function<void()>& f);
  disk_image& disk() { return *disk_; }
  clock_state& clock() { return clock_; }

  // -- for the world
  std::size_t index() const { return index_; }
  incarnation* current() const { return incarnation_.get(); }
  /// Runs `f` and the coordinator, and counts this node's actors.
  void turn(const std::function<void()>& f);
  /// Keeps an event that came while the node was paused.
  void hold(event e);

 private:
  enum class death { power_loss, process, in_order };

  std::shared_ptr<incarnation> make_incarnation();
  void end(death how);
  void notice_exit();

  world& world_;
  std::size_t index_;
  std::string name_;
  node_id id_;
  bool member_;
  node_program program_;
  node_program next_program_;
  seed_tree seeds_;
  random_stream life_chance_;
  random_stream executor_chance_;
  clock_state clock_;
  std::unique_ptr<disk_image> disk_;
  std::shared_ptr<incarnation> incarnation_;
  std::uint64_t starts_ = 0;
  bool paused_ = false;
  bool stopping_ = false;
  bool start_again_ = false;
  std::vector<event> held_;
  std::string exit_text_;
};

}  // namespace us::sim
