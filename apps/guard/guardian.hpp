#pragma once
/// Stands between a guard's group and the world: makes conditions of checks, and runs hooks.
///
/// An actor. Receives check_changed from the checker and tells the group's seat what fails;
/// receives duty_changed from the seat and runs the hook for it, one after another, off the loop.
/// Keeps the metrics of the group. A node whose checks have no result yet does not become active.

#include "apps/guard/guard_config.hpp"
#include "runtime/node/context.hpp"
#include "runtime/ports/executor.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <memory>

namespace guard {

/// The group's name: part of its seat's address and of its metrics.
constexpr const char* group_name = "vip";

/// `hooks`: runs them; its lanes are not the node's.
caf::actor spawn_guardian(caf::actor_system& system, us::node_ptr node, const config& settings,
                          std::shared_ptr<us::executor> hooks);

/// The fence hook as the group wants it; empty when none is configured.
us::active_passive::fence_function make_fence(const us::node_ptr& node, const config& settings,
                                              std::shared_ptr<us::executor> hooks);

}  // namespace guard
