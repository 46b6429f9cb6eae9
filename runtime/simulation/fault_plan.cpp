#include "runtime/simulation/fault_plan.hpp"

#include "runtime/simulation/random_stream.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace us {

namespace {

using std::chrono::milliseconds;

/// How hard a plan is: pauses between faults, their lengths, and how strong they are.
struct temper {
  duration gap_min, gap_max;
  duration lasts_min, lasts_max;
  double probability_max;  ///< loss, reordering, ...
  double delay_ms_max;
  double throttle_bytes_min;  ///< a second; at most twenty times that
  double slow_max;
  double jump_ms_max;
  double drift_ppm_max;
  double aimed;  ///< of the faults that strike nodes, how many strike the leader
  double all;    ///< of those that may strike any number of nodes, how many strike all
};

temper temper_of(intensity how) {
  using ms = milliseconds;
  switch (how) {
    case intensity::calm:
      return {ms{2000}, ms{5000}, ms{100}, ms{800}, 0.05, 15, 1e6, 5, 100, 50, 0, 0};
    case intensity::rough:
      return {ms{300}, ms{1500}, ms{100}, ms{2000}, 0.3, 60, 2e5, 50, 60'000, 500, 0.2, 0.02};
    case intensity::brutal: break;
  }
  return {ms{30}, ms{400}, ms{50}, ms{3000}, 0.6, 250, 2e4, 500, 3'600'000, 50'000, 0.4, 0.1};
}

temper temper_of(const plan_recipe& recipe) {
  auto t = temper_of(recipe.how);
  const auto choose = [](auto& low, auto& high, auto low_given, auto high_given, duration least) {
    // One bound given may lie beyond the other as the intensity has it.
    high = std::max(high_given.value_or(std::max(high, low_given.value_or(high))), least);
    low = std::clamp(low_given.value_or(low), least, high);
  };
  // A gap of nothing would make faults without end at one moment.
  choose(t.gap_min, t.gap_max, recipe.gap_min, recipe.gap_max, milliseconds{1});
  choose(t.lasts_min, t.lasts_max, recipe.lasts_min, recipe.lasts_max, duration{0});
  return t;
}

std::uint64_t weight_of(const fault_traits& kind, const plan_recipe& recipe) {
  if (auto given = recipe.weights.find(kind.kind); given != recipe.weights.end())
    return given->second;
  return recipe.how == intensity::calm ? kind.weight_calm : kind.weight;
}

/// Kinds as a recipe weighs them.
class kind_chooser {
 public:
  explicit kind_chooser(const plan_recipe& recipe) {
    for (const auto& each : all_fault_kinds()) {
      sum_ += weight_of(each, recipe);
      bounds_.push_back(sum_);
    }
  }
  bool empty() const { return sum_ == 0; }
  fault_kind choose(sim::random_stream& chance) const {
    const auto drawn = chance.between(0, sum_ - 1);
    const auto at = std::upper_bound(bounds_.begin(), bounds_.end(), drawn);
    return static_cast<fault_kind>(at - bounds_.begin());
  }

 private:
  std::uint64_t sum_ = 0;
  std::vector<std::uint64_t> bounds_;
};

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
    case fault_kind::corrupt:
    case fault_kind::fail_writes:
    case fault_kind::fail_syncs:
    case fault_kind::fail_reads:
    case fault_kind::flip_bits: return share * t.probability_max;
    case fault_kind::delay: return share * t.delay_ms_max;
    case fault_kind::delay_tail: return share * t.delay_ms_max / 5;
    case fault_kind::delay_spikes: return share * t.delay_ms_max * 4;
    case fault_kind::throttle: return t.throttle_bytes_min * (1 + std::floor(share * 19));
    case fault_kind::full_disk: return std::floor(share * 1e6);
    case fault_kind::slow_disk: return 1 + share * t.slow_max;
    case fault_kind::clock_jump: return sign * share * t.jump_ms_max;
    case fault_kind::clock_drift: return sign * share * t.drift_ppm_max;
    default: return 0;
  }
}

std::vector<std::string> anybody(sim::random_stream& chance, fault_kind kind,
                                 const std::vector<std::string>& nodes, intensity how) {
  const auto& traits = traits_of(kind);
  const auto halves = kind == fault_kind::partition || kind == fault_kind::partition_one_way;
  if (halves && how != intensity::calm && nodes.size() > 2)
    return choose(chance, nodes, chance.between(1, nodes.size() - 1));
  return choose(chance, nodes, traits.nodes_min);
}

std::vector<std::string> victims_of(sim::random_stream& chance, fault_kind kind,
                                    const std::vector<std::string>& nodes, intensity how,
                                    const temper& t) {
  const auto& traits = traits_of(kind);
  if (traits.nodes_max == 0) return {};
  if (kind == fault_kind::partition_ring) return choose(chance, nodes, nodes.size());
  const auto cuts = kind == fault_kind::partition || kind == fault_kind::partition_one_way;
  if (traits.nodes_max > nodes.size() && !cuts && chance.chance(t.all))
    return choose(chance, nodes, nodes.size());
  auto victims = anybody(chance, kind, nodes, how);
  if (!victims.empty() && chance.chance(t.aimed))
    victims[chance.between(0, victims.size() - 1)] = the_leader;
  return victims;
}

}  // namespace

std::string to_string(intensity how) {
  switch (how) {
    case intensity::calm: return "calm";
    case intensity::rough: return "rough";
    case intensity::brutal: return "brutal";
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

fault_plan make_fault_plan(std::uint64_t seed, const std::vector<std::string>& nodes,
                           const plan_recipe& recipe) {
  fault_plan plan{{}, recipe.length};
  const kind_chooser kinds{recipe};
  if (nodes.empty() || kinds.empty()) return plan;
  const auto t = temper_of(recipe);
  sim::random_stream chance{seed};
  duration at{0};
  for (;;) {
    at += chance.between(t.gap_min, t.gap_max);
    if (at >= recipe.length) return plan;
    fault f{at, chance.between(t.lasts_min, t.lasts_max), kinds.choose(chance), {}, 0};
    f.nodes = victims_of(chance, f.kind, nodes, recipe.how, t);
    f.amount = amount_of(chance, f.kind, t);
    if (f.nodes.size() >= traits_of(f.kind).nodes_min) plan.faults.push_back(std::move(f));
  }
}

fault_plan make_fault_plan(std::uint64_t seed, const std::vector<std::string>& nodes, intensity how,
                           duration length) {
  return make_fault_plan(seed, nodes, {.how = how, .length = length});
}

fault_plan with_generated(fault_plan plan, std::uint64_t seed,
                          const std::vector<std::string>& nodes) {
  if (!plan.generate) return plan;
  const auto made = make_fault_plan(seed, nodes, *plan.generate);
  plan.faults.insert(plan.faults.end(), made.faults.begin(), made.faults.end());
  plan.length = std::max(plan.length, made.length);
  plan.generate.reset();
  return plan;
}

}  // namespace us
