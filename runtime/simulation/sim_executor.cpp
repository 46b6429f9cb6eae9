#include "runtime/simulation/sim_executor.hpp"

#include "runtime/simulation/incarnation.hpp"
#include "runtime/simulation/world.hpp"

#include <caf/send.hpp>

#include <utility>

namespace us::sim {

namespace {

using std::chrono::microseconds;

struct service_time {
  duration min;
  duration max;
};
// A synced append of the measured disk takes 150 to 200 us, one in fifty far longer.
constexpr service_time times[count_of_lanes] = {{microseconds{120}, microseconds{280}},
                                                {microseconds{120}, microseconds{280}},
                                                {microseconds{100}, microseconds{1500}},
                                                {microseconds{100}, microseconds{3000}}};
constexpr double slow_share = 0.02;
constexpr int slow_factor = 12;

/// How many disk operations a job gets before the power goes: often within a short one.
std::uint64_t operations_before_death(random_stream& chance) {
  constexpr std::uint64_t bounds[] = {1, 2, 4, 16};
  return chance.between(0, bounds[chance.between(0, 3)]);
}

}  // namespace

void executor_port::run(lane where, std::function<void()> work, caf::actor receiver, task then) {
  if (!who_->alive) return;
  auto index = static_cast<std::size_t>(where);
  auto& jobs = lanes_[index].jobs;
  jobs.push_back({std::move(work), std::move(receiver), std::move(then)});
  if (jobs.size() == 1) begin(index);
}

void executor_port::run_brief(lane where, std::function<void()> work, caf::actor receiver,
                              task then) {
  if (!who_->alive) return;
  const bool idle = lanes_[static_cast<std::size_t>(where)].jobs.empty() && !image_.hanging();
  if (!idle || chance_.chance(0.5))
    return run(where, std::move(work), std::move(receiver), std::move(then));
  work();
  caf::anon_send(receiver, std::move(then));
}

void executor_port::begin(std::size_t lane_index) {
  auto length = chance_.between(times[lane_index].min, times[lane_index].max);
  if (chance_.chance(slow_share)) length *= slow_factor;
  auto slowed = static_cast<double>(length.count()) * image_.slowness();
  who_->where->schedule_disk_job(*who_, lane_index, duration{static_cast<std::int64_t>(slowed)});
}

void executor_port::finish(std::size_t lane_index) {
  auto& lane = lanes_[lane_index];
  if (image_.hanging()) {
    lane.parked = true;
    return;
  }
  auto done = std::move(lane.jobs.front());
  lane.jobs.pop_front();
  done.work();
  caf::anon_send(done.receiver, done.then);
  if (!lane.jobs.empty()) begin(lane_index);
}

void executor_port::continue_parked() {
  for (std::size_t i = 0; i < lanes_.size(); ++i)
    if (std::exchange(lanes_[i].parked, false))
      who_->where->schedule_disk_job(*who_, i, duration{0});
}

void executor_port::cut_off() {
  for (auto& lane : lanes_) {
    if (lane.jobs.empty()) continue;
    who_->disk->die_after(operations_before_death(chance_));
    lane.jobs.front().work();
  }
  for (auto& lane : lanes_) lane.jobs.clear();
}

void executor_port::drain() {
  for (auto& lane : lanes_) {
    for (auto& job : lane.jobs) job.work();
    lane.jobs.clear();
  }
}

}  // namespace us::sim
