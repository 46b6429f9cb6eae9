#pragma once
/// A closed-loop load on servers of the Redis protocol: each connection has one request under
/// way (or `pipeline` of them) and sends the next when the answer comes. One thread, epoll.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace us::bench {

struct load_options {
  std::vector<std::uint16_t> ports;  ///< connections are spread over these
  std::size_t connections = 1;
  std::size_t pipeline = 1;
  double seconds = 2;
  std::size_t value_bytes = 128;
  std::size_t keys = 100'000;                 ///< by chance, the same in every run
  std::optional<std::size_t> first_key = {};  ///< one after another, instead
  bool read = false;                          ///< GET instead of SET
  bool wait = false;  ///< a SET counts when WAIT 1 says that one replica has it
};

struct load_result {
  double per_second = 0;
  double p50_us = 0;
  double p99_us = 0;
  std::uint64_t done = 0;
  double cores = 0;  ///< CPU time that this process itself took, in a second
  std::uint64_t errors = 0;
  std::string first_error;
  std::vector<float> latencies_us;  ///< sorted
};

load_result run_load(const load_options& how);

/// For other loads that tell the same figures: CPU time of this process so far, and what a run
/// came to that began when it had taken `cpu_before`.
double cpu_seconds();
load_result result_of(std::vector<float> latencies_us, double seconds, double cpu_before);

}  // namespace us::bench
