#include "runtime/node/timing.hpp"

namespace us {

using std::chrono::milliseconds;

std::optional<timing> timing::profile(std::string_view name) {
  if (name == "local") return timing{};
  if (name == "fast")
    return timing{.heartbeat = milliseconds{10},
                  .heartbeat_silence_max = milliseconds{200},
                  .phi_threshold = 8,
                  .leader_beat = milliseconds{10},
                  .election_timeout_min = milliseconds{60},
                  .request_timeout = milliseconds{5000}};
  if (name == "lan")
    return timing{.heartbeat = milliseconds{100},
                  .heartbeat_silence_max = milliseconds{1500},
                  .phi_threshold = 8,
                  .leader_beat = milliseconds{100},
                  .election_timeout_min = milliseconds{700},
                  .request_timeout = milliseconds{5000}};
  if (name == "wan")
    return timing{.heartbeat = milliseconds{500},
                  .heartbeat_silence_max = milliseconds{6000},
                  .phi_threshold = 10,
                  .leader_beat = milliseconds{500},
                  .election_timeout_min = milliseconds{3000},
                  .request_timeout = milliseconds{15000}};
  return std::nullopt;
}

}  // namespace us
