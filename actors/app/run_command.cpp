#include "actors/app/address_owners.hpp"
#include "actors/app/admin_actor.hpp"
#include "actors/app/admin_api.hpp"
#include "actors/app/commands.hpp"
#include "actors/app/descriptors.hpp"
#include "actors/app/http.hpp"
#include "runtime/live/live_node.hpp"
#include "runtime/live/socket.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <mutex>
#include <poll.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace us {

namespace {

using std::chrono::milliseconds;

/// How long nodes may hand over and drain.
constexpr milliseconds shutdown_max{10'000};
constexpr milliseconds ready_poll{10};

/// How a node's root ended; filled from the loop, read by this thread.
struct ending {
  std::mutex mutex;
  std::optional<caf::error> reason;
  wakeup ended;

  std::optional<caf::error> get() {
    std::lock_guard lock{mutex};
    return reason;
  }
};

struct running_node {
  std::unique_ptr<http_server> admin;
  std::map<std::string, std::shared_ptr<address_owner>> owners;  ///< by service
  std::unique_ptr<live_node> live;
  caf::actor root;
  std::shared_ptr<ending> end = std::make_shared<ending>();
  bool up = false;

  const node_context& node() const { return *live->node(); }
};

/// The nodes of this process, from their start to the end of the last.
class node_host {
 public:
  node_host(const app& application, const cluster_config& config, const run_choice& choice)
      : application_(application), config_(config), choice_(choice) {}

  status prepare(const node_config& node);
  int run();

 private:
  void start(running_node& n);
  void look_for_ready();
  void on_signal();
  void on_timer();
  void stop_all(caf::exit_reason how);
  bool all_ended();
  void wait();

  const app& application_;
  const cluster_config& config_;
  const run_choice& choice_;
  signal_queue signals_{SIGINT, SIGTERM};  // before any thread starts
  live_system system_;
  std::shared_ptr<local_network> local_ = std::make_shared<local_network>();
  std::deque<running_node> nodes_;
  timer timer_;
  timer second_signal_;  ///< went off: one more signal ends the process at once
  bool signalled_ = false;
  bool all_up_ = false;
  bool stopping_ = false;
  bool killing_ = false;
  int code_ = exit_ok;
};

// An edge is opened by its actor, which the supervisor would try again and again: what a person has
// to mend is found out here, before anything runs.
status check_edges(const node_config& node) {
  for (const auto& [key, where] : node.edges)
    if (auto free = listen_on(where, key); !free) return free.error();
  return done{};
}

status node_host::prepare(const node_config& node) {
  running_node n;
  if (auto free = check_edges(node); !free) return free.error();
  if (node.admin.port != 0) {
    auto bound = http_server::bind(node.admin);
    if (!bound) return bound.error();
    n.admin = std::move(*bound);
  }
  live_node_options options;
  options.style = {choice_.log.json, choice_.log.least, node.name};
  if (choice_.node.empty()) options.local = local_;
  auto live = make_live_node(system_, config_, node, options);
  if (!live) return live.error();
  n.live = std::move(*live);
  if (auto fits = check_partitions(config_, *n.live->node()->ports.disk); !fits)
    return fits.error();
  for (const auto& service : config_.services) {
    if (!service.addresses) continue;
    auto owner = open_address_owner(*n.live->node(), {node.interface, service.addresses->addresses,
                                                      service.addresses->kernel_lifetime_s});
    if (!owner) return owner.error();
    n.owners[service.name] = *owner;
  }
  nodes_.push_back(std::move(n));
  return done{};
}

void node_host::start(running_node& n) {
  const auto owners = [all = n.owners](const node_ptr&, const std::string& service) {
    return all.at(service);
  };
  n.root = make_program(application_, config_, owners)(system_.actors(), n.live->node());
  n.root->attach_functor([end = n.end](const caf::error& reason) {
    {
      std::lock_guard lock{end->mutex};
      end->reason = reason;
    }
    end->ended.ring();
  });
  if (!n.admin) return;
  std::map<std::string, std::uint32_t> partitions;
  for (const auto& service : config_.services) partitions[service.name] = service.partitions;
  auto api = std::make_shared<admin_api>(n.live->node(), shown(application_, config_),
                                         application_.add_status, std::move(partitions));
  n.admin->serve([api](const http_request& request) { return api->answer(request); });
}

int node_host::run() {
  for (auto& n : nodes_) start(n);
  timer_.arm(ready_poll);
  while (!all_ended()) wait();
  for (auto& n : nodes_) {
    n.admin.reset();
    n.owners.clear();
    n.live->stop();
  }
  return code_;
}

void node_host::wait() {
  std::vector<pollfd> watched{{signals_.fd(), POLLIN, 0}, {timer_.fd(), POLLIN, 0}};
  for (auto& n : nodes_)
    if (!n.end->get()) watched.push_back({n.end->ended.fd(), POLLIN, 0});
  if (poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR)
    throw std::system_error{errno, std::generic_category(), "poll"};
  while (signals_.next() != 0) on_signal();
  if (timer_.expired()) on_timer();
}

// The admin actor is the last that a node starts.
void node_host::look_for_ready() {
  all_up_ = true;
  for (auto& n : nodes_) {
    if (!n.up && n.node().directory->find(admin_key())) {
      n.up = true;
      n.node().ports.log->write(severity::event,
                                n.node().name + " is up, process " + std::to_string(getpid()));
    }
    all_up_ = all_up_ && n.up;
  }
  if (!all_up_) return timer_.arm(ready_poll);
  if (choice_.ready_fd < 0) return;
  [[maybe_unused]] auto told = write(choice_.ready_fd, "1", 1);
  close(choice_.ready_fd);
}

void node_host::on_signal() {
  // A launcher has SIGKILL for what must end at once; its SIGTERM may follow one of systemd's.
  if (stopping_ && choice_.ready_fd >= 0) return;
  if (stopping_ && second_signal_.expired()) std::_Exit(exit_failed);
  if (std::exchange(signalled_, true)) return;
  second_signal_.arm(second_signal_after);
  for (auto& n : nodes_) n.node().ports.log->write(severity::event, n.node().name + " stops");
  stop_all(caf::exit_reason::user_shutdown);
}

void node_host::on_timer() {
  if (!stopping_) return look_for_ready();
  // What does not even end when it is killed never will.
  if (killing_) std::_Exit(exit_failed);
  killing_ = true;
  code_ = exit_failed;
  stop_all(caf::exit_reason::kill);
}

void node_host::stop_all(caf::exit_reason how) {
  stopping_ = true;
  timer_.arm(shutdown_max);
  for (auto& n : nodes_)
    if (!n.end->get()) caf::anon_send_exit(n.root, how);
}

bool node_host::all_ended() {
  auto ended = true;
  for (auto& n : nodes_) {
    auto reason = n.end->get();
    ended = ended && reason.has_value();
    if (!reason || stopping_) continue;
    std::fprintf(stderr, "node %s gave up: %s\n", n.node().name.c_str(),
                 caf::to_string(*reason).c_str());
    code_ = exit_failed;
    stop_all(caf::exit_reason::user_shutdown);
  }
  return ended;
}

std::string names_of(const cluster_config& config) {
  std::string names;
  for (const auto& node : config.nodes) names += (names.empty() ? "" : ", ") + node.name;
  return names;
}

}  // namespace

int run_nodes(const app& application, const cluster_config& config, const run_choice& choice) {
  if (!choice.node.empty() && config.find_node(choice.node) == nullptr) {
    std::fprintf(stderr, "%s: there is no node %s; it has %s\n", config.file.c_str(),
                 choice.node.c_str(), names_of(config).c_str());
    return exit_usage;
  }
  if (choice.node.empty())
    if (auto fits = fits_one_host(config); !fits) {
      std::fprintf(stderr, "%s\n", fits.error().text.c_str());
      return exit_usage;
    }
  node_host host{application, config, choice};
  for (const auto& node : config.nodes) {
    if (!choice.node.empty() && node.name != choice.node) continue;
    if (auto prepared = host.prepare(node); !prepared) {
      std::fprintf(stderr, "node %s: %s\n", node.name.c_str(), prepared.error().text.c_str());
      return exit_failed;
    }
  }
  return host.run();
}

}  // namespace us
