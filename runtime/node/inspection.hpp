#pragma once
/// What replicas let be seen from outside while they run, for the simulation: a role lists itself
/// while it owns its store, and is looked at after every event that reached it. A live node has no
/// inspection, and then nothing is listed.

#include "messages/ids.hpp"
#include "runtime/ports/clock.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace us {

struct replica_view {
  std::string_view service;
  std::string_view role;  ///< "leader", "follower", ...; "ending": about to be another
  us::epoch epoch;
  node_id leader;  ///< whom it follows; 0: nobody
  log_index commit;
  log_index applied;
  log_index last;
  std::span<const node_id> members = {};  ///< of its group as it knows them, voters first
  std::size_t voters = 0;
  time_point opened{};  ///< when its store was: what the disk did not hold then is forgotten
  /// A leader that was elected although what a majority had acknowledged may be on no disk any
  /// more.
  bool elected_after_loss = false;
  bool witness = false;  ///< it has no records, and its entries are without data
};

class inspected {
 public:
  virtual ~inspected() = default;
  virtual replica_view view() const = 0;
  /// Throws invariant_violation when what it holds contradicts itself.
  virtual void check_invariants() const = 0;
  /// Of the entry at that index, its epoch and bytes; nullopt when it is no longer in memory.
  virtual std::optional<std::uint64_t> entry_digest(log_index index) const = 0;
  /// Of every record, whatever their order.
  virtual std::uint64_t state_digest() const = 0;
};

/// The replicas of one node that can be looked at now. Used by one thread.
class inspection {
 public:
  void add(const inspected& replica) {
    all_.push_back(&replica);
    reached_ = true;
  }
  void remove(const inspected& replica) { std::erase(all_, &replica); }
  /// To be called when a replica is sent anything: it may look otherwise after that.
  void reach() { reached_ = true; }
  /// Whether one was reached since the last call.
  bool take_reached() { return std::exchange(reached_, false); }
  const std::vector<const inspected*>& all() const { return all_; }

 private:
  std::vector<const inspected*> all_;
  bool reached_ = false;
};

}  // namespace us
