#pragma once
/// The leader's set of followers that it waits for with `acknowledge = "all"`: all that keep up.
/// Works on the leader's state.
///
/// A leader begins with every follower in the set. One that lags beyond the bound leaves it, which
/// is reported; answers that waited for it then leave. One that has caught up comes back.

#include "actors/leader_follower/leader.hpp"

namespace us::in_sync {

/// To be called at the beginning: the metric of the set.
void publish(leader_actor* self);
/// To be called when a follower has answered: looks how far it is.
void look(leader_actor* self, progress& follower);
/// To be called now and then: takes followers out of the set and back. True: the set changed.
bool review(leader_actor* self);
/// Durable here and at every in-sync follower.
log_index match(leader_actor* self);

}  // namespace us::in_sync
