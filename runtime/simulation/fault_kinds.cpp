#include "runtime/simulation/fault_kinds.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace us {

namespace {

constexpr auto any = std::numeric_limits<std::size_t>::max();
constexpr double day_ms = 86'400'000;

using k = fault_kind;
// The amount of a kind that takes none: from 0 to -1.
// Weights of 0: upgrade, which needs the test's next program; reads that fail or lie, which no log can tell from a disk that is
// lost.
constexpr std::array<fault_traits, 29> table{{
    {k::crash, "crash", 1, any, 0, -1, 1, 2},
    {k::kill, "kill", 1, any, 0, -1, 1, 1},
    {k::stop, "stop", 1, any, 0, -1, 1, 1},
    {k::upgrade, "upgrade", 1, any, 0, -1, 0, 0},
    {k::replace, "replace", 1, 1, 0, -1, 0, 1},
    {k::pause, "pause", 1, any, 0, -1, 1, 1},
    {k::partition, "partition", 1, any, 0, -1, 1, 3},
    {k::partition_one_way, "partition_one_way", 1, any, 0, -1, 0, 1},
    {k::partition_ring, "partition_ring", 3, any, 0, -1, 0, 1},
    {k::cut_clients, "cut_clients", 0, 0, 0, -1, 0, 1},
    {k::cut_one_way, "cut_one_way", 2, 2, 0, -1, 0, 2},
    {k::clog, "clog", 2, 2, 0, -1, 0, 1},
    {k::throttle, "throttle", 0, 0, 1, 1e12, 0, 1},
    {k::loss, "loss", 0, 0, 0, 1, 1, 1},
    {k::delay, "delay", 0, 0, 0, day_ms, 1, 1},
    {k::delay_tail, "delay_tail", 0, 0, 0, day_ms, 0, 1},
    {k::delay_spikes, "delay_spikes", 0, 0, 0, day_ms, 0, 1},
    {k::reorder, "reorder", 0, 0, 0, 1, 0, 1},
    {k::duplicate, "duplicate", 0, 0, 0, 1, 0, 1},
    {k::corrupt, "corrupt", 0, 0, 0, 1, 0, 1},
    {k::slow_disk, "slow_disk", 1, any, 1, 1e6, 0, 1},
    {k::hang_disk, "hang_disk", 1, any, 0, -1, 0, 1},
    {k::full_disk, "full_disk", 1, any, 0, 1e15, 0, 1},
    {k::fail_writes, "fail_writes", 1, any, 0, 1, 0, 1},
    {k::fail_syncs, "fail_syncs", 1, any, 0, 1, 0, 1},
    {k::fail_reads, "fail_reads", 1, any, 0, 1, 0, 0},
    {k::flip_bits, "flip_bits", 1, any, 0, 1, 0, 0},
    {k::clock_jump, "clock_jump", 1, any, -1000 * day_ms, 1000 * day_ms, 0, 1},
    {k::clock_drift, "clock_drift", 1, any, -999'000, 1e6, 0, 1},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (static_cast<std::size_t>(table[i].kind) != i) return false;
  return true;
}
static_assert(in_order());

}  // namespace

std::span<const fault_traits> all_fault_kinds() {
  return table;
}

const fault_traits& traits_of(fault_kind kind) {
  return table.at(static_cast<std::size_t>(kind));
}

const fault_traits* find_fault_kind(std::string_view name) {
  const auto* at = std::find_if(table.begin(), table.end(),
                                [&](const fault_traits& each) { return each.name == name; });
  return at == table.end() ? nullptr : at;
}

std::string to_string(fault_kind kind) {
  return std::string{traits_of(kind).name};
}

}  // namespace us
