#pragma once
/// Health checks: what is asked how often, and what the answers mean (rise and fall). Pure.
///
/// Nothing is known of a target until its first result, and that decides. From then on `fall` bad
/// results in a row turn it down and `rise` good ones turn it up. A target that stops answering
/// at any moment is down after at most fall * interval, plus what the last probe takes:
/// nothing when connections are refused, up to `timeout` when nothing answers at all.

#include "runtime/ports/prober.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace us {

/// How a target is checked. Probes start every `interval`; timeout <= interval, so that there is
/// never more than one of a target under way.
struct check_config {
  us::probe probe;
  std::chrono::milliseconds interval{1000};
  std::chrono::milliseconds timeout{500};
  std::uint32_t rise = 2;  ///< from 1
  std::uint32_t fall = 3;  ///< from 1
};

struct check_target {
  std::string name;  ///< unique within a checker
  check_config check;
};

enum class check_state : unsigned char { unknown, up, down };
std::string to_string(check_state state);

/// What is known of one target.
class check_history {
 public:
  check_history(std::uint32_t rise, std::uint32_t fall) : rise_(rise), fall_(fall) {}

  /// Takes a result. True: the state has changed.
  bool add(bool well);
  check_state state() const { return state_; }

 private:
  std::uint32_t rise_;
  std::uint32_t fall_;
  check_state state_ = check_state::unknown;
  std::uint32_t against_ = 0;  ///< results in a row that speak against the state
};

}  // namespace us
