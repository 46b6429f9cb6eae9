#pragma once
/// The leader's side of changing the group's members: judges what is asked, keeps its followers in
/// step with the configuration in force, and tells people. Works on the leader's state.
///
/// A follower that was removed is sent the log up to the commit of its removal, so that it knows,
/// and then is forgotten. Receives MembersRequest; sends MembersReply. Source: see membership.hpp.

#include "actors/leader_follower/leader.hpp"

#include "messages/members.capnp.h"

namespace us::members {

judged_change judge(leader_actor* self, message::MembersRequest::Reader request);
frame reply(leader_actor* self, message::MembersRequest::Reader request, const sender& to,
            const judged_change& judged);

/// To be called when another configuration is in force: followers come, go and change.
void reconfigure(leader_actor* self);
/// To be called when the commit has moved. True: this leader is no voter any more, for good.
bool settle(leader_actor* self);
/// With every beat: forgets those that are removed, and know it or are silent.
void forget_removed(leader_actor* self, duration silence);

}  // namespace us::members
