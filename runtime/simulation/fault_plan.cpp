#include "runtime/simulation/fault_plan.hpp"

#include "runtime/simulation/random_stream.hpp"

#include <algorithm>
#include <cstdio>
#include <span>

namespace us {

namespace {

using std::chrono::milliseconds;

/// How hard a plan is: pauses between faults, their lengths, and how strong they are.
struct temper {
  milliseconds gap_min, gap_max;
  milliseconds lasts_min, lasts_max;
  double probability_max;  ///< loss, reordering, ...
  double delay_ms_max;
  double slow_max;
  double jump_ms_max;
  double drift_ppm_max;
  std::span<const fault_kind> kinds;
};

// A kind that stands twice comes twice as often.
constexpr fault_kind calm_kinds[] = {fault_kind::crash, fault_kind::kill,      fault_kind::pause,
                                     fault_kind::loss,  fault_kind::partition, fault_kind::delay};
constexpr fault_kind all_kinds[] = {
    fault_kind::crash,      fault_kind::crash,       fault_kind::kill,
    fault_kind::pause,      fault_kind::partition,   fault_kind::partition,
    fault_kind::partition,  fault_kind::cut_one_way, fault_kind::cut_one_way,
    fault_kind::loss,       fault_kind::delay,       fault_kind::reorder,
    fault_kind::duplicate,  fault_kind::corrupt,     fault_kind::clog,
    fault_kind::slow_disk,  fault_kind::hang_disk,   fault_kind::clock_jump,
    fault_kind::clock_drift};

temper temper_of(intensity how) {
  using ms = milliseconds;
  switch (how) {
    case intensity::calm:
      return {ms{2000}, ms{5000}, ms{100}, ms{800}, 0.05, 15, 5, 100, 50, calm_kinds};
    case intensity::rough:
      return {ms{300}, ms{1500}, ms{100}, ms{2000}, 0.3, 60, 50, 60'000, 500, all_kinds};
    case intensity::brutal: break;
  }
  return {ms{30}, ms{400}, ms{50}, ms{3000}, 0.6, 250, 500, 3'600'000, 50'000, all_kinds};
}

/// `count` different nodes, in the order drawn.
std::vector<std::string> choose(sim::random_stream& chance, std::vector<std::string> nodes,
                                std::size_t count) {
  count = std::min(count, nodes.size());
  for (std::size_t i = 0; i < count; ++i)
    std::swap(nodes[i], nodes[chance.between(i, nodes.size() - 1)]);
  nodes.resize(count);
  return nodes;
}

double amount_of(sim::random_stream& chance, fault_kind kind, const temper& t) {
  const auto share = static_cast<double>(chance.between(1, 1000)) / 1000;
  const auto sign = chance.chance(0.5) ? 1.0 : -1.0;
  switch (kind) {
    case fault_kind::loss:
    case fault_kind::reorder:
    case fault_kind::duplicate:
    case fault_kind::corrupt: return share * t.probability_max;
    case fault_kind::delay: return share * t.delay_ms_max;
    case fault_kind::slow_disk: return 1 + share * t.slow_max;
    case fault_kind::clock_jump: return sign * share * t.jump_ms_max;
    case fault_kind::clock_drift: return sign * share * t.drift_ppm_max;
    default: return 0;
  }
}

std::vector<std::string> victims_of(sim::random_stream& chance, fault_kind kind,
                                    const std::vector<std::string>& nodes, intensity how) {
  switch (kind) {
    case fault_kind::loss:
    case fault_kind::delay:
    case fault_kind::reorder:
    case fault_kind::duplicate:
    case fault_kind::corrupt: return {};
    case fault_kind::cut_one_way:
    case fault_kind::clog: return choose(chance, nodes, 2);
    case fault_kind::partition:
      if (how != intensity::calm && nodes.size() > 2)
        return choose(chance, nodes, chance.between(1, nodes.size() - 1));
      [[fallthrough]];
    default: return choose(chance, nodes, 1);
  }
}

}  // namespace

std::string to_string(fault_kind kind) {
  switch (kind) {
    case fault_kind::crash: return "crash";
    case fault_kind::kill: return "kill";
    case fault_kind::pause: return "pause";
    case fault_kind::partition: return "partition";
    case fault_kind::cut_one_way: return "cut_one_way";
    case fault_kind::loss: return "loss";
    case fault_kind::delay: return "delay";
    case fault_kind::reorder: return "reorder";
    case fault_kind::duplicate: return "duplicate";
    case fault_kind::corrupt: return "corrupt";
    case fault_kind::clog: return "clog";
    case fault_kind::slow_disk: return "slow_disk";
    case fault_kind::hang_disk: return "hang_disk";
    case fault_kind::clock_jump: return "clock_jump";
    case fault_kind::clock_drift: return "clock_drift";
  }
  return "unknown";
}

std::string to_string(const fault& f) {
  char text[96];
  std::snprintf(text, sizeof text,
                "at %.3f s for %.3f s: ", std::chrono::duration<double>(f.at).count(),
                std::chrono::duration<double>(f.lasts).count());
  auto all = text + to_string(f.kind);
  for (const auto& name : f.nodes) all += " " + name;
  if (f.amount == 0) return all;
  std::snprintf(text, sizeof text, " (%.3f)", f.amount);
  return all + text;
}

std::string to_string(const fault_plan& plan) {
  std::string all;
  for (const auto& f : plan.faults) all += to_string(f) + "\n";
  return all;
}

fault_plan make_fault_plan(std::uint64_t seed, const std::vector<std::string>& nodes, intensity how,
                           duration length) {
  fault_plan plan{{}, length};
  if (nodes.empty()) return plan;
  const auto t = temper_of(how);
  sim::random_stream chance{seed};
  duration at{0};
  for (;;) {
    at += chance.between(duration{t.gap_min}, duration{t.gap_max});
    if (at >= length) return plan;
    fault f{at,
            chance.between(duration{t.lasts_min}, duration{t.lasts_max}),
            t.kinds[chance.between(0, t.kinds.size() - 1)],
            {},
            0};
    f.nodes = victims_of(chance, f.kind, nodes, how);
    f.amount = amount_of(chance, f.kind, t);
    if ((f.kind == fault_kind::cut_one_way || f.kind == fault_kind::clog) && f.nodes.size() < 2)
      continue;
    plan.faults.push_back(std::move(f));
  }
}

}  // namespace us
