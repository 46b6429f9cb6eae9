#pragma once
/// Parts of the election and of refusing that several roles share.

#include "actors/leader_follower/role_actor.hpp"

#include "messages/leader_follower.capnp.h"
#include "messages/request.capnp.h"

namespace us {

/// A pre-vote is asked in the candidate's present epoch for the one after it.
rules::ballot read_ballot(message::VoteRequest::Reader request, const sender& from);

void reply_vote(role_base* self, node_id to, us::epoch asked, bool pre_vote, bool granted);

std::optional<standing> read_standing(message::StandingReply::Reader reply);
/// Tells a newcomer what this replica is.
typed_handler answer_standing(role_base* self);
/// Ignores what only a newcomer, or a recovering replica, waits for.
typed_handler ignore_standing_reply();
typed_handler ignore_admitted();
/// Makes it this replica's standing, then calls `then` unless the role is over.
void store_standing_durably(role_base* self, standing next, std::function<void()> then);

/// `why`: the leadership is not handed over; empty: it is begun.
void answer_transfer(role_base* self, std::uint64_t number, const std::string& why,
                     const sender& to);
/// For every role but the leader.
typed_handler refuse_transfer(role_base* self);

/// Answers every request of a SubmitBatch as redirected (certainly not executed here); other frames
/// are dropped, their clients ask again.
void redirect(role_base& self, const frame& f, const sender& from, node_id leader);

}  // namespace us
