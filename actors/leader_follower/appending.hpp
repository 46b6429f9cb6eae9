#pragma once
/// A follower's side of replication: takes entries into its log, and tells the leader how far it
/// is. Works on the follower's state.

#include "actors/leader_follower/follower.hpp"

#include <optional>
#include <vector>

#include "messages/leader_follower.capnp.h"

namespace us::appending {

struct content {
  log_index previous;
  us::epoch previous_epoch;
  log_index commit;
  std::uint64_t round;
  bool quiet;  ///< no beats come after this one, if all agree
  std::vector<log_entry> entries;
};

/// Everything is read before anything is done. nullopt: the entries are no run of the log.
std::optional<content> read(message::AppendRequest::Reader request);
/// In the log.
std::size_t bytes_of(const std::vector<log_entry>& entries);
/// Appends what is new; cuts what conflicts. Returns the last index known to equal the leader's, or
/// nothing while what has to be cut is being noted.
std::optional<log_index> take(follower_actor* self, const content& from);
/// What is durable here, and known to equal the leader's log.
log_index acknowledged(follower_actor* self);

void reply(follower_actor* self, node_id to, log_index match, std::uint64_t round);
/// `hint`: where the leader had better go on.
void refuse(follower_actor* self, node_id to, log_index hint, std::uint64_t round, bool full);

}  // namespace us::appending
