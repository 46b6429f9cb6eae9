#pragma once
/// Clients of the register service in a simulated cluster, and the history of what they saw.
///
/// Each client does one thing at a time: a read, a write of a value that nobody else writes, or a
/// cas. A request that begins while no client is idle is left out. What is rejected certainly did
/// not happen; what is unknown stays open.

#include "actors/simulation/simulated_cluster.hpp"
#include "runtime/checkers/history.hpp"

#include <cstdint>
#include <vector>

#include "apps/lab/register.capnp.h"

namespace lab {

struct load_options {
  std::uint32_t clients = 20;
  std::uint32_t requests_per_second = 200;
  std::uint32_t keys = 5;
};

struct load_counts {
  std::uint64_t done = 0;
  std::uint64_t rejected = 0;
  std::uint64_t unknown = 0;

  std::uint64_t ended() const { return done + rejected + unknown; }
  load_counts& operator+=(const load_counts& other);
};

class register_load {
 public:
  /// The cluster outlives this.
  register_load(us::simulated_cluster& cluster, load_options how);

  /// Requests begin from now on, evenly.
  void start();
  void stop() { stopped_ = true; }
  /// Whether every request has ended.
  bool idle() const { return counts_.ended() == begun_; }

  const us::history& history() const { return history_; }
  const load_counts& counts() const { return counts_; }

 private:
  bool begin_one();
  void read(std::uint32_t who, const std::string& key);
  void write(std::uint32_t who, const std::string& key);
  void cas(std::uint32_t who, const std::string& key);
  us::simulated_client& connection(std::uint32_t who);
  us::history::index begin(std::uint32_t who, const char* f, const std::string& key,
                           us::history_value input, us::history_value expected = {});
  void end(std::uint32_t who, us::history::index which, us::outcome_kind how,
           us::operation_end done);

  us::simulated_cluster& cluster_;
  load_options how_;
  us::history history_;
  load_counts counts_;
  std::vector<bool> busy_;  ///< by client
  std::uint64_t begun_ = 0;
  std::uint32_t next_ = 0;
  std::int64_t next_value_ = 1;
  bool stopped_ = false;
};

}  // namespace lab
