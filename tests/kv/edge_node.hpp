#pragma once
/// A node with a Redis edge on a free loopback port and a fake seat behind it.

#include "apps/kv/redis_edge.hpp"
#include "runtime/live/live_system.hpp"
#include "tests/kv/fake_seat.hpp"

#include <caf/actor.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace kv::test {

/// Log lines, to wait for.
class waiting_log final : public us::log_sink {
 public:
  void write(us::severity level, std::string_view what,
             std::initializer_list<us::log_field> fields) override;
  /// Waits for a line of this name; false: not in time.
  bool wait_for(const std::string& what);
  /// The value of a field of the first line of this name; empty when there is none.
  std::string field(const std::string& what, const std::string& name);

 private:
  struct line {
    std::string what;
    std::vector<std::pair<std::string, std::string>> fields;
  };
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<line> lines_;
};

class edge_node {
 public:
  explicit edge_node(redis_options options = {}, const std::string& host = "127.0.0.1",
                     std::chrono::milliseconds request_timeout = std::chrono::seconds{30});
  ~edge_node();

  std::uint16_t port() const { return port_; }
  seat_script& seat() { return *script_; }
  waiting_log& log() { return *log_; }
  /// Ends the edge in order; waits until it is gone.
  void stop_edge();
  void ask_edge_to_stop();
  bool wait_for_edge();
  /// Runs `f` on the loop and waits: nothing else happens there meanwhile.
  void on_loop(std::function<void()> f);
  us::result<caf::actor> start_another(const us::endpoint& where);

 private:
  us::live_system system_;
  std::shared_ptr<waiting_log> log_ = std::make_shared<waiting_log>();
  std::shared_ptr<seat_script> script_ = std::make_shared<seat_script>();
  us::node_ptr node_;
  caf::actor seat_;
  caf::actor edge_;
  std::uint16_t port_ = 0;
};

}  // namespace kv::test
