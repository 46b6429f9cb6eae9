#include "actors/app/descriptors.hpp"
#include "apps/guard/commands.hpp"
#include "apps/guard/guard_node.hpp"

#include <caf/send.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <poll.h>
#include <system_error>
#include <unistd.h>

namespace guard {

namespace {

constexpr std::chrono::milliseconds shutdown_max{10'000};

/// How the node's root ended; filled from the loop, read by this thread.
struct ending {
  std::mutex mutex;
  std::optional<caf::error> reason;
  us::wakeup ended;

  void set(const caf::error& how) {
    {
      std::lock_guard lock{mutex};
      reason = how;
    }
    ended.ring();
  }
  std::optional<caf::error> get() {
    std::lock_guard lock{mutex};
    return reason;
  }
};

class runner {
 public:
  runner(us::signal_queue& signals, const caf::actor& root)
      : signals_(signals), root_(root), end_(std::make_shared<ending>()) {
    root_->attach_functor([end = end_](const caf::error& reason) { end->set(reason); });
  }

  /// Until the root has ended.
  int wait(const us::node_context& node) {
    while (!end_->get()) {
      std::array<pollfd, 3> watched{
          {{signals_.fd(), POLLIN, 0}, {timer_.fd(), POLLIN, 0}, {end_->ended.fd(), POLLIN, 0}}};
      if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR)
        throw std::system_error{errno, std::generic_category(), "poll"};
      while (signals_.next() != 0) on_signal(node);
      if (timer_.expired()) kill();
    }
    if (!stopping_)
      std::fprintf(stderr, "node %s gave up: %s\n", node.name.c_str(),
                   caf::to_string(*end_->get()).c_str());
    return stopping_ && !killed_ ? exit_ok : exit_failed;
  }

 private:
  void on_signal(const us::node_context& node) {
    if (stopping_ && second_signal_.expired()) std::_Exit(exit_failed);
    if (std::exchange(stopping_, true)) return;
    node.ports.log->write(us::severity::event, node.name + " stops");
    second_signal_.arm(us::second_signal_after);
    timer_.arm(shutdown_max);
    caf::anon_send_exit(root_, caf::exit_reason::user_shutdown);
  }
  void kill() {
    if (std::exchange(killed_, true)) std::_Exit(exit_failed);
    timer_.arm(shutdown_max);
    caf::anon_send_exit(root_, caf::exit_reason::kill);
  }

  us::signal_queue& signals_;
  caf::actor root_;
  std::shared_ptr<ending> end_;
  us::timer timer_;
  us::timer second_signal_;
  bool stopping_ = false;
  bool killed_ = false;
};

}  // namespace

int run(const config& settings, const std::string& name, us::log_style style) {
  if (settings.cluster.find_node(name) == nullptr) {
    std::string names;
    for (const auto& node : settings.cluster.nodes)
      names += (names.empty() ? "" : ", ") + node.name;
    std::fprintf(stderr, "%s: there is no node %s; it has %s\n", settings.cluster.file.c_str(),
                 name.c_str(), names.c_str());
    return exit_usage;
  }
  us::signal_queue signals{SIGINT, SIGTERM};  // before any thread starts
  us::live_system system;
  style.node = name;
  auto guard = guard_node::open(system, settings, name, style);
  if (!guard) {
    std::fprintf(stderr, "node %s: %s\n", name.c_str(), guard.error().text.c_str());
    return exit_failed;
  }
  auto root = (*guard)->start();
  (*guard)->node()->ports.log->write(us::severity::event,
                                     name + " is up, process " + std::to_string(::getpid()));
  runner waiting{signals, root};
  const auto code = waiting.wait(*(*guard)->node());
  (*guard)->stop();
  return code;
}

}  // namespace guard
