#pragma once
/// Stands aside while something forbids this node to be active: a failing check, its link down,
/// maintenance, a stranger that has the address; for ever when it is a witness.
///
/// Sends Beat, so that the others know; receives Beat. While a stranger has the address it asks
/// again each two seconds.

#include "actors/active_passive/role_actor.hpp"

namespace us::active_passive {

struct aside_state {};

using aside_actor = role_actor<aside_state, message::Duty::ASIDE>;
caf::behavior aside(aside_actor* self);

}  // namespace us::active_passive
