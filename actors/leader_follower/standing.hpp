#pragma once
/// Whether a replica may vote: what it knows of its own past. Kept in a file of its own beside the
/// change log.
///
/// A replica that lost its disk has forgotten what it voted for and acknowledged; counting it
/// would let a majority forget too. So an empty directory is `fresh` and votes for nobody. Either
/// it founds the group together with all other members, all of them fresh, or the group exists, and
/// it is `recovering`: it takes the log as any follower, but counts neither for votes nor for
/// commit nor for confirming a leadership, until a leader that was confirmed since by enough others
/// has seen it catch up (see leader-follower.md). A replica whose files are damaged becomes
/// recovering too. Each new directory has a random number, so that what was sent from a former one
/// is told apart.
///
/// A replica whose log is synced at intervals may forget what it acknowledged just before a power
/// loss, but no vote. So it notes under which run of the machine it writes; when it is opened under
/// another, without having been closed in order, it is recovering until a leader has seen it catch
/// up. It keeps its vote, and says with it that it is unsure (see rules::tally).
///
/// Errors: not_found, corrupted, newer_format, what the disk reports.
/// Source: recovery in Viewstamped Replication Revisited (Liskov, Cowling 2012) 4.3; the case of
/// messages from before the loss: Michael et al., Recovering Shared Objects Without Stable Storage
/// (2017).

#include "actors/leader_follower/membership.hpp"
#include "messages/ids.hpp"
#include "runtime/ports/disk.hpp"

#include <map>
#include <vector>

namespace us {

enum class standing_kind : std::uint8_t { fresh = 1, recovering = 2, member = 3 };

struct founder {
  node_id node;
  std::uint64_t disk = 0;
  friend constexpr auto operator<=>(const founder&, const founder&) = default;
};

struct standing {
  standing_kind kind = standing_kind::member;
  std::uint64_t disk = 0;         ///< the directory's own number; 0: unknown (tests)
  std::vector<founder> founders;  ///< of the group, when this replica founded it
  bool keeps_votes = false;       ///< recovering: only entries may be forgotten
  std::uint64_t boot = 0;         ///< disk::boot() while what was told may not be synced; 0: it is
  bool witness = false;           ///< its entries are without data: it is never more than a witness

  /// It has everything that it acknowledged.
  bool counts() const { return kind == standing_kind::member; }
  bool unsure() const { return kind == standing_kind::recovering && keeps_votes; }
  bool votes() const { return counts() || unsure(); }
};

result<standing> load_standing(disk& where, const std::string& path);
/// Durable on return; the former one is replaced as a whole.
status store_standing(disk& where, const std::string& path, const standing& what);

namespace rules {

enum class founding : unsigned char {
  waits,   ///< not all members have answered
  founds,  ///< all are fresh
  joins,   ///< another founded the group with this very directory
  recovers,
};
/// `answers` of the other members, the newest of each.
founding judge_founding(node_id self, const standing& own,
                        const std::map<node_id, standing>& answers, std::size_t members);

/// The founders that another one has noted, this very directory among them; empty: none has.
std::vector<founder> founders_with(node_id self, const standing& own,
                                   const std::map<node_id, standing>& answers);

/// How many voters that are not recovering, the leader among them, must confirm a leadership so
/// that no vote which a lost disk has forgotten can have made a newer leader: they and
/// any majority that counts the lost one overlap.
constexpr std::size_t confirmations_to_admit(std::size_t voters) {
  return voters - majority(voters) + 1;
}

}  // namespace rules
}  // namespace us
