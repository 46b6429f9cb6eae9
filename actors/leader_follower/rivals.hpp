#pragma once
/// What a leader answers to those that stand or lead beside it. One of a newer epoch ends its
/// leadership; one of an older epoch is told so.

#include "actors/leader_follower/leader.hpp"

namespace us::rivals {

/// A VoteRequest.
void stands(leader_actor* self, const frame& f, const sender& from);
/// An AppendRequest or a SnapshotChunk.
void leads(leader_actor* self, const frame& f, const sender& from);

}  // namespace us::rivals
