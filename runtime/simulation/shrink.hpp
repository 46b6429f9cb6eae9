#pragma once
/// The shortest fault plan found that still makes a run fail.
///
/// Delta debugging: leaves out ever smaller parts of the plan as long as the run fails without
/// them, then shortens what is left. Since everything else comes from the seed, a fault left out
/// changes nothing before its time.
/// Source: Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", 2002.

#include "runtime/simulation/fault_plan.hpp"

#include <cstddef>
#include <functional>

namespace us {

/// `fails(plan)` runs the scenario and says whether it fails; called at most `runs_max` times.
/// Returns a plan with which it failed; `plan` itself when nothing can be left out.
fault_plan shrink(const fault_plan& plan, const std::function<bool(const fault_plan&)>& fails,
                  std::size_t runs_max);

}  // namespace us
