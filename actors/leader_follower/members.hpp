#pragma once
/// The leader's side of changing the group's members: judges what is asked, keeps its followers in
/// step with the configuration in force, and tells people. Works on the leader's state.
///
/// A follower that was removed is sent the log up to the commit of its removal, so that it knows,
/// and then is forgotten. Receives MembersRequest; sends MembersReply. Source: see membership.hpp.

#include "actors/leader_follower/leader.hpp"

#include "messages/members.capnp.h"

namespace us::members {

asked_change read(message::MembersRequest::Reader request, const sender& from);
/// Counts only those that have confirmed the round that it waits for, if any.
judged_change judge(leader_actor* self, const asked_change& asked);
frame reply(leader_actor* self, const asked_change& asked, const judged_change& judged);

/// Whether the others have to say first that they are there: of the voters after the change a
/// majority must be there now, not some time ago. One that lost its disk since it was heard would
/// not count, and perhaps nothing could be committed ever again.
bool needs_word(leader_actor* self, const asked_change& asked, const judged_change& judged);
/// Sends for it.
void wait_for_word(leader_actor* self, asked_change asked);
/// The change that waits, once it may be judged again: they have answered, or the time is up.
std::optional<asked_change> take_decided(leader_actor* self);

/// To be called when another configuration is in force: followers come, go and change.
void reconfigure(leader_actor* self);
/// To be called when the commit has moved. True: this leader is no voter any more, for good.
bool settle(leader_actor* self);
/// With every beat: forgets those that are removed, and know it or are silent.
void forget_removed(leader_actor* self, duration silence);

}  // namespace us::members
