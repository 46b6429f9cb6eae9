#pragma once
/// Faults as data: what breaks, when and for how long. Made from a seed, by hand or from a file
/// (plan_file.hpp), played by simulation::play. A fault that lasts undoes itself at its end.

#include "runtime/ports/clock.hpp"
#include "runtime/simulation/fault_kinds.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace us {

/// In place of a node's name: whoever leads when the fault begins (see simulation::aim).
inline constexpr const char* the_leader = "leader";

struct fault {
  duration at;     ///< from the start of the plan
  duration lasts;  ///< until it is undone
  fault_kind kind;
  std::vector<std::string> nodes;
  double amount = 0;

  bool operator==(const fault&) const = default;
};
/// "at 1.250 s for 0.300 s: partition a b"
std::string to_string(const fault& f);

enum class intensity : unsigned char {
  calm,    ///< now and then one mild fault
  rough,   ///< faults of every kind, a few at once
  brutal,  ///< hardly a quiet moment
};
std::string to_string(intensity how);

/// How to make faults from a seed. What is not given is as the intensity has it.
struct plan_recipe {
  intensity how = intensity::rough;
  duration length{0};
  /// Between the beginnings of two faults, and how long one lasts.
  std::optional<duration> gap_min = {}, gap_max = {};
  std::optional<duration> lasts_min = {}, lasts_max = {};
  /// How often a kind is chosen, against the others; 0: never.
  std::map<fault_kind, std::uint32_t> weights = {};

  bool operator==(const plan_recipe&) const = default;
};

struct fault_plan {
  std::vector<fault> faults;
  duration length{0};
  /// More faults, made when the plan is played: from the run's seed, for the run's nodes.
  std::optional<plan_recipe> generate = {};

  bool operator==(const fault_plan&) const = default;
};
std::string to_string(const fault_plan& plan);

/// The same arguments give the same plan: faults by time, no recipe.
fault_plan make_fault_plan(std::uint64_t seed, const std::vector<std::string>& nodes,
                           const plan_recipe& recipe);
fault_plan make_fault_plan(std::uint64_t seed, const std::vector<std::string>& nodes, intensity how,
                           duration length);
/// The plan with what its recipe gives, and no recipe any more.
fault_plan with_generated(fault_plan plan, std::uint64_t seed,
                          const std::vector<std::string>& nodes);

}  // namespace us
