#pragma once
/// Giving up entries, the replica's side: what would be lost with them is noted in the loss
/// journal, durably, before they are cut.
///
/// A replica that is interrupted in between notes them again, which changes nothing, and that they
/// are cut does not yet mean that they are lost: if another replica that has them leads later they
/// are committed after all, and the journal says so.

#include "actors/leader_follower/follower.hpp"

namespace us::losing {

/// True: everything after `last` is noted, and may be cut now. False: it is being noted, and
/// `then(noted)` is called afterwards, unless the role is over by then; noted: false when the disk
/// is full. While something is being noted already, `then` waits for that.
bool noted_after(follower_actor* self, log_index last, const std::string& why,
                 std::function<void(bool noted)> then);

}  // namespace us::losing
