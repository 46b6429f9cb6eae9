#pragma once
/// Records what a simulated cluster does, to be drawn: what each node was and when, who led in
/// which epoch, the faults, the frames between nodes.
///
/// Attach one before the run; it changes nothing of it. Bounded: of frames only those sent
/// first are kept, up to `frames_max`; heartbeats are left out.

#include "actors/simulation/simulated_cluster.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace us {

/// What a node was from one time to another.
struct trace_span {
  std::string node;
  std::string what;  ///< a role; "down", "paused", "starting"
  std::uint64_t epoch;
  duration from;
  duration to;
};

struct trace_frame {
  std::string from, to;
  std::string type;
  duration sent;
  duration arrives;
  sim::frame_seen::fate what;
};

struct trace_record {
  std::vector<std::string> nodes;
  duration length{0};
  std::vector<trace_span> spans;
  std::vector<fault> faults;
  std::vector<trace_frame> frames;
  std::uint64_t frames_left_out = 0;
  std::vector<sim::timeline_entry> events;  ///< what nodes logged as events, warnings and errors
  std::string failure;                      ///< empty: the run was right
};

class trace_recorder {
 public:
  explicit trace_recorder(simulated_cluster& cluster, std::size_t frames_max = 20'000);

  /// What was recorded until now.
  trace_record record(const std::string& failure) const;

 private:
  struct lane {
    std::string what;
    std::uint64_t epoch = 0;
    duration since{0};
  };

  void look();
  void see(const sim::frame_seen& seen);

  simulated_cluster& cluster_;
  std::size_t frames_max_;
  trace_record record_;
  std::map<std::string, lane> lanes_;
};

}  // namespace us
