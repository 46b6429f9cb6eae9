#pragma once
/// The follower's side of catching up by snapshot: writes what the leader sends to a file, part by
/// part, and goes on from it once it is whole.
///
/// Driven by this side: each answer says how far the file is durable, and the leader sends what
/// follows. A file that a crash, or another leader's turn, left behind is gone on with from the end
/// of its last whole block. All work on the disk is done on the bulk lane; append requests and
/// votes are handled meanwhile. Receives SnapshotChunk; sends SnapshotReply.
///
/// Invariant: the store is replaced only by a verified snapshot that this replica still needs at
/// that moment (rules::needs_snapshot); a crash at any point leaves either the former store or the
/// new one.

#include "actors/leader_follower/follower.hpp"

#include "messages/leader_follower.capnp.h"

namespace us::receiving {

/// `from` leads, and the snapshot is of its epoch.
void take(follower_actor* self, message::SnapshotChunk::Reader chunk, const sender& from);

}  // namespace us::receiving
