#pragma once
/// The leader's side of catching up by snapshot: sends its newest one to followers that lack
/// entries which the log no longer has.
///
/// One part is on its way to a follower at a time, read off this thread, at most `snapshot_rate`
/// bytes a second; the follower says what it wants next. At most `transfers_max` followers are sent
/// to at once, the others wait for their turn. A witness is sent one without records, which is made
/// when it is wanted, is small, and waits for no turn. Append requests, beats and the entries of
/// the other followers do not wait for any of it. Until the follower has caught up from the log,
/// that snapshot and the log after it stay. One that falls silent loses its turn. Works on the
/// leader's state. Receives SnapshotReply; sends SnapshotChunk.

#include "actors/leader_follower/leader.hpp"

#include "messages/leader_follower.capnp.h"

namespace us::sending {

/// The follower lacks entries that are no longer in the log: gives it a turn when there is one.
void consider(leader_actor* self, progress& to);
void accept(leader_actor* self, message::SnapshotReply::Reader reply, const sender& from);
/// With every beat: repeats what was not answered, ends what nobody waits for any more.
void look_after(leader_actor* self, duration silence);

/// It is followed no more.
void forget(leader_actor* self, node_id to);

/// How much of a snapshot has arrived there, in percent; 0: none is on its way.
unsigned percent(const leader_actor& self, node_id to);

}  // namespace us::sending
