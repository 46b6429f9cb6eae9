#pragma once
/// Who may answer requests that only read, in leader-follower replication, and how old what they
/// see may be.

#include "messages/ids.hpp"
#include "runtime/ports/clock.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace us {

struct read_policy {
  enum class kind : unsigned char {
    linearizable,  ///< the leader answers: everything acknowledged before is seen
    bounded,  ///< any replica: everything acknowledged until `staleness` before it came is seen
    local,    ///< the replica on the client's node, however old; it also answers when cut off
  };
  kind who = kind::linearizable;
  duration staleness{0};
  /// Not linearizable ones: what an answer with this index has seen is seen too, so that a client
  /// may move between nodes and never goes back.
  log_index after{};

  friend bool operator==(const read_policy&, const read_policy&) = default;
};

/// "linearizable", "local", or the bound: a whole number with ms or s, at most one hour.
std::optional<read_policy> read_policy_of(std::string_view text);
std::string to_string(const read_policy& policy);

}  // namespace us
