#include "actors/active_passive/duty_metrics.hpp"

namespace us::active_passive {

void count_duty(metrics& into, const duty_changed& duty) {
  const metrics::labels labels{{"group", duty.group}};
  into.make_gauge("understudy_vip_active", "1 when this node holds the addresses", labels)
      .set(duty.now == role::active ? 1 : 0);
  into.make_gauge("understudy_vip_epoch", "Newest epoch of the group", labels)
      .set(static_cast<double>(duty.epoch.value));
  if (duty.now == role::active)
    into.make_counter("understudy_vip_takeovers_total", "Times this node became active", labels)
        .add();
}

}  // namespace us::active_passive
