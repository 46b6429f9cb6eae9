#pragma once
/// Plays fault plans on a world. A fault that lasts ends by itself; heal_everything() ends all.

#include "runtime/simulation/fault_plan.hpp"

namespace us::sim {

class world;

/// Returns the plan with what its recipe gave. A plan that names unknown nodes fails the run.
fault_plan play(world& where, fault_plan plan);
void heal_everything(world& where);

}  // namespace us::sim
