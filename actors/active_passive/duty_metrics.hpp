#pragma once
/// What the metrics say of a group that holds virtual addresses.

#include "actors/active_passive/roles.hpp"
#include "runtime/metrics.hpp"

namespace us::active_passive {

/// understudy_vip_active, understudy_vip_epoch, understudy_vip_takeovers_total of the group.
void count_duty(metrics& into, const duty_changed& duty);

}  // namespace us::active_passive
