#pragma once
/// The leader's side of replication: keeps every follower supplied from the log, counts what is
/// durable where, and confirms rounds. Works on the leader's state.

#include "actors/leader_follower/leader.hpp"

#include "messages/leader_follower.capnp.h"

namespace us::replication {

/// Sends each follower what it lacks of what is released (gathering.hpp), as far as its window
/// allows.
void pump(leader_actor* self);

/// Sends an append request to every follower even if it has all entries: a sign of life, and the
/// carrier of a new round.
void beat(leader_actor* self);

enum class reply_effect { none, newer_epoch, advanced };
/// Takes a follower's answer into account; `advanced`: commit or confirmed round may have moved.
reply_effect accept(leader_actor* self, message::AppendReply::Reader reply, const sender& from);

/// The index that may be committed now, if it is beyond the present commit.
std::optional<log_index> committable(leader_actor* self);
/// The newest round that a majority has confirmed.
std::uint64_t confirmed_round(leader_actor* self);
/// True while no other leader can have been elected; never without a read lease.
bool holds_lease(leader_actor* self);
/// True while a majority (the leader included) has answered what was sent within `within`.
bool hears_majority(leader_actor* self, duration within);

/// What the status tells of the followers.
void fill_status(leader_actor* self, message::ServiceStatus::Builder status);

}  // namespace us::replication
