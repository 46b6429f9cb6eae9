#include "runtime/simulation/sim_clock.hpp"

#include "runtime/simulation/incarnation.hpp"
#include "runtime/simulation/world.hpp"

#include <algorithm>

namespace us::sim {

namespace {

constexpr std::int64_t million = 1'000'000;
/// The wall clock at the start of every run: 2024-01-01, 00:00 UTC.
constexpr std::int64_t wall_start_ms = 1'704'067'200'000;

class clock_port final : public us::clock {
 public:
  explicit clock_port(std::shared_ptr<incarnation> who) : who_(std::move(who)) {}

  time_point now() const override { return who_->alive ? who_->clock->now() : who_->died_at; }
  std::int64_t wall_ms() const override {
    return who_->alive ? who_->clock->wall_ms() : wall_start_ms;
  }
  void after(duration delay, caf::actor receiver, task work) override {
    if (!who_->alive) return;
    delay = std::max(delay, duration{0});
    who_->where->schedule_timer(*who_, delay, std::move(receiver), std::move(work));
  }

 private:
  std::shared_ptr<incarnation> who_;
};

}  // namespace

duration clock_state::elapsed() const {
  auto real = (virtual_now_ - anchor_virtual_).count();
  // In two steps, so that hours in nanoseconds times ppm do not overflow.
  return duration{real + real / million * ppm_ + real % million * ppm_ / million};
}

time_point clock_state::now() const {
  return time_point{anchor_local_ + elapsed()};
}

std::int64_t clock_state::wall_ms() const {
  return wall_start_ms + (anchor_wall_ + elapsed()).count() / million;
}

void clock_state::drift(std::int64_t ppm) {
  auto passed = elapsed();
  anchor_local_ += passed;
  anchor_wall_ += passed;
  anchor_virtual_ = virtual_now_;
  ppm_ = std::clamp(ppm, -million + 1000, million);
}

void clock_state::jump(std::chrono::milliseconds by) {
  anchor_wall_ += by;
}

void clock_state::heal() {
  drift(0);
  anchor_wall_ = virtual_now_;
}

void clock_state::boot(duration uptime) {
  drift(ppm_);
  anchor_local_ = uptime;
}

duration clock_state::virtual_delay(duration local) const {
  if (ppm_ == 0) return local;
  auto rate = million + ppm_;
  auto count = local.count();
  return duration{count / rate * million + (count % rate * million + rate - 1) / rate};
}

std::shared_ptr<us::clock> make_clock_port(std::shared_ptr<incarnation> who) {
  return std::make_shared<clock_port>(std::move(who));
}

}  // namespace us::sim
