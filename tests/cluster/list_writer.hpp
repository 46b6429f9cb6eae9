#pragma once
/// A thread that writes to a real cluster of kv, and what it was told.

#include "tests/cluster/process_cluster.hpp"
#include "tests/cluster/redis_client.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <utility>

namespace us::test {

/// Appends ids to a list of its own at some node, going on to the next node when one fails; keeps
/// what it was told of every id.
class list_writer {
 public:
  list_writer(const process_cluster& cluster, int number)
      : cluster_(cluster),
        key_("list-" + std::to_string(number)),
        at_(static_cast<std::size_t>(number)) {
    thread_ = std::thread{[this] { run(); }};
  }
  void stop() {
    stopped_ = true;
    if (thread_.joinable()) thread_.join();
  }
  ~list_writer() { stop(); }

  std::size_t acknowledged() const { return acknowledged_; }

  /// Compares what it was told with what is there.
  void reconcile(redis_client& client) const {
    const auto list = client.run({"GET", key_});
    std::map<std::string, int> found;
    std::string item;
    for (char c : list.text) {
      if (c != ',')
        item += c;
      else
        ++found[std::exchange(item, {})];
    }
    for (const auto& [id, times] : found)
      EXPECT_EQ(times, 1) << key_ << ": id " << id << " was executed " << times << " times";
    for (const auto& [id, told] : told_) {
      const bool executed = found.contains(id);
      EXPECT_FALSE(told == 'a' && !executed) << key_ << ": acknowledged id " << id << " is lost";
      EXPECT_FALSE(told == 'r' && executed) << key_ << ": rejected id " << id << " was executed";
    }
    EXPECT_GE(told_.size(), found.size());
  }

 private:
  using kind = redis_client::answer::kind;

  void run() {
    redis_client client;
    for (int id = 0; !stopped_; ++id) {
      while (!client.connected() && !stopped_) {
        const auto& nodes = cluster_.nodes();
        if (!client.connect(cluster_.redis_port(nodes[at_ % nodes.size()]), 10'000)) {
          ++at_;
          std::this_thread::yield();
        }
      }
      const auto name = std::to_string(id);
      const auto answer = client.run({"APPEND", key_, name + ","});
      // acknowledged, rejected (certainly not executed), or unknown
      if (answer.what == kind::ok) {
        told_[name] = 'a';
        ++acknowledged_;
      } else {
        const bool refused = answer.what == kind::error && !answer.text.starts_with("UNKNOWN");
        told_[name] = refused ? 'r' : 'u';
        if (answer.what == kind::nothing) client = {};
      }
    }
  }

  const process_cluster& cluster_;
  std::string key_;
  std::size_t at_;
  std::map<std::string, char> told_;
  std::atomic<std::size_t> acknowledged_{0};
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

}  // namespace us::test
