#pragma once
/// When a client is answered, in leader-follower replication. The weaker comes first.

#include <optional>
#include <string_view>

namespace us {

enum class acknowledgement : unsigned char {
  async,   ///< the leader's own disk has the change
  quorum,  ///< it is committed: a majority's disks have it
  all,     ///< it is committed, and every in-sync follower's disk has it
};

constexpr std::string_view name_of(acknowledgement when) {
  switch (when) {
    case acknowledgement::async: return "async";
    case acknowledgement::quorum: return "quorum";
    case acknowledgement::all: return "all";
  }
  return "unknown";
}

constexpr std::optional<acknowledgement> acknowledgement_of(std::string_view name) {
  for (const auto each : {acknowledgement::async, acknowledgement::quorum, acknowledgement::all})
    if (name == name_of(each)) return each;
  return std::nullopt;
}

}  // namespace us
