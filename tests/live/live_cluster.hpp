#pragma once
/// Nodes for tests of the live family: each with a fresh data directory and a free port, all in
/// this process, over TCP or handed over in process; and actors that tell a test what came.

#include "runtime/live/live_node.hpp"
#include "runtime/node/node_actor.hpp"
#include "tests/live/temporary_directory.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "messages/link.capnp.h"

namespace us::test {

/// What happened, in order, for a test to wait for.
class happenings {
 public:
  void add(std::string what) {
    std::lock_guard lock{mutex_};
    all_.push_back(std::move(what));
    changed_.notify_all();
  }
  /// Waits until `what` is there; takes it and all before it. False: the deadline passed.
  bool wait_for(const std::string& what, std::chrono::seconds most = std::chrono::seconds{60}) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, most, [&] {
      for (auto at = all_.begin(); at != all_.end(); ++at) {
        if (at->find(what) == std::string::npos) continue;
        all_.erase(all_.begin(), at + 1);
        return true;
      }
      return false;
    });
  }
  std::size_t count(const std::string& what) {
    std::lock_guard lock{mutex_};
    std::size_t n = 0;
    for (const auto& each : all_) n += each.find(what) != std::string::npos ? 1u : 0u;
    return n;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> all_;
};

/// Log lines as happenings: "link_up peer=b".
class log_to_happenings final : public log_sink {
 public:
  explicit log_to_happenings(std::shared_ptr<happenings> to) : to_(std::move(to)) {}
  void write(severity level, std::string_view what,
             std::initializer_list<log_field> fields) override {
    to_->add(format_log_line({}, level, what, fields));
  }

 private:
  std::shared_ptr<happenings> to_;
};

std::uint16_t free_port();

/// Members named as told, the others known by address only.
cluster_config make_cluster(const std::vector<std::string>& names, const std::string& home);

struct running_node {
  std::shared_ptr<happenings> log = std::make_shared<happenings>();
  std::unique_ptr<live_node> live;
  const node_ptr& node() const { return live->node(); }
};

running_node start_node(live_system& system, const cluster_config& cluster, const std::string& name,
                        std::shared_ptr<local_network> local = nullptr);

/// Sends each beat (see make_beat) back to where it came from.
caf::actor spawn_echo(live_system& system, const node_ptr& node, const std::string& key);
/// Tells a happening "heard SEQUENCE." of every `every`-th beat as long as they come in order from 1,
/// and nothing but that once they do not.
caf::actor spawn_listener(live_system& system, const node_ptr& node, const std::string& key,
                          std::shared_ptr<happenings> to, std::uint64_t every = 1);

frame make_beat(const node_ptr& from, const std::string& from_key, const std::string& to_key,
                std::uint64_t sequence);

/// Ends actors and waits until they are gone.
void end_actors(live_system& system, std::initializer_list<caf::actor> actors);

}  // namespace us::test
