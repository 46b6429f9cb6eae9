#pragma once
/// A follower that is a witness: it votes and counts, and is sent entries and snapshots without
/// data. What its directory holds stands for no record, so the directory is marked before it takes
/// the first of them, and it is never taken for a replica's: by what is in it, it would be as good
/// as the leader's.

#include "actors/leader_follower/follower.hpp"

namespace us::witnessing {

/// Whether what the leader sends is for a directory like this one. If not, one becomes a witness's,
/// and an empty one a replica's, durably; then the leader's next request is. A witness's that is
/// not empty becomes no replica's: that is reported, and nothing is taken.
bool fits(follower_actor* self, bool witness);

}  // namespace us::witnessing
