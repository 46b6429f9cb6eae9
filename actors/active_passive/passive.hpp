#pragma once
/// Waits: hears the active's beats and takes over when they stop (or when it says goodbye, or its
/// machine says that its process is gone), later the more of its peers are preferred.
///
/// Sends Beat; with preempt, and preferred for preempt_delay, HandOverRequest. Receives Beat,
/// HandOver. At the first start it asks the network whether a stranger has the addresses.
/// A node that was itself not scheduled listens anew before it takes anybody for gone.

#include "actors/active_passive/role_actor.hpp"

namespace us::active_passive {

struct passive_state {
  time_point began{};
  time_point asked{};       ///< the active to hand over
  std::uint64_t looks = 0;  ///< tells the present timer from former ones
  bool probing = false;
};

using passive_actor = role_actor<passive_state, message::Duty::PASSIVE>;
caf::behavior passive(passive_actor* self);

}  // namespace us::active_passive
