#pragma once
/// What a client asks of one batch of requests, beside executing it.

#include "runtime/service/acknowledgement.hpp"
#include "runtime/service/read_policy.hpp"

#include <optional>

namespace us {

struct submit_options {
  std::optional<acknowledgement> acknowledge = {};  ///< nullopt: as the client or service says
  /// But for linearizable, the requests must only read: one that may change something is rejected
  /// (notARead). Such a batch needs no session, and no leader if the bound allows.
  read_policy reads = {};

  friend bool operator==(const submit_options&, const submit_options&) = default;
};

}  // namespace us
