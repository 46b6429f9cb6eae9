#pragma once
/// A client of the tests' service on a simulated node: keeps a number of requests under way and
/// records what became of each.

#include "actors/client/partitioned_client.hpp"
#include "runtime/node/node_actor.hpp"
#include "runtime/service/acknowledgement.hpp"
#include "runtime/simulation/simulation.hpp"
#include "tests/leader_follower/list_history.hpp"

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace us::test {

/// Shared by the clients of one run.
struct workload {
  list_history history;
  std::uint64_t next_item = 1;
  bool stopped = false;
  std::vector<std::string> to_read;  ///< once stopped: each is read once
  std::function<duration()> now;
  sim::random_stream* chance = nullptr;
  std::size_t keys = 4;
  duration interval = std::chrono::milliseconds{20};
  /// One of these each time: when its requests are answered. Empty: as the service says.
  std::vector<acknowledgement> modes;
  acknowledgement service_mode = acknowledgement::quorum;
  /// Unless empty, now and then a batch of reads by one of these, on what this client or, as a
  /// client that has moved would, another has seen.
  std::vector<read_policy> reads;
  log_index newest;              ///< of all answers
  std::uint32_t partitions = 1;  ///< of the service
};

class list_client final : public node_actor {
 public:
  list_client(caf::actor_config& config, node_ptr node, std::shared_ptr<workload> work, int number);

  void on_exit() override;

 protected:
  caf::behavior make_behavior() override;

 private:
  /// A request; an item of 0 is a read.
  struct draft {
    std::string key;
    std::uint64_t item = 0;
    bool conditional = false;
  };

  void next();
  void submit_some();
  draft some_request();
  void read_some();
  std::string key_to_read();
  void read_left();
  void submit(const std::vector<draft>& what, const submit_options& options = {});
  void on_outcome(request_sequence sequence, const outcome& o);

  std::shared_ptr<workload> work_;
  int number_;
  std::shared_ptr<partitioned_client> client_;
  std::unordered_map<std::uint64_t, std::size_t> under_way_;  ///< sequence -> operation
};

}  // namespace us::test
