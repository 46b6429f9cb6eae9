#pragma once
/// A node's last promise on its disk, in two slots of one file that are written in turn: a write
/// cut short leaves the former one. Blocks: called at start or from a job of the executor.
///
/// Errors: those of the disk; corrupted: there was a promise and none can be read. Then nobody
/// knows what this node has promised, and it must not grant.

#include "actors/active_passive/lease_rules.hpp"
#include "runtime/ports/disk.hpp"

namespace us::active_passive {

struct kept_promise {
  std::uint64_t sequence = 0;  ///< 0: nothing was ever kept
  rules::promise promise;
  bool maintenance = false;
};

result<kept_promise> load_promise(disk& from, const std::string& directory);
/// Durable when it returns. `directory` lies directly in the node's data directory. `kept.sequence`
/// is one more than that of the last one kept.
status save_promise(disk& to, const std::string& directory, const kept_promise& kept);

}  // namespace us::active_passive
