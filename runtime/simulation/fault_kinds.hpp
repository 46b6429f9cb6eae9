#pragma once
/// The kinds of faults there are, and of each: its name, whom it strikes, what its amount means,
/// and how often plans made from a seed have it. One table, read by everything that knows faults.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace us {

enum class fault_kind : std::uint8_t {
  // -- nodes: each of `nodes`
  crash,    ///< power loss, then restart with the disk
  kill,     ///< the process dies, then restarts; unsynced writes are in the page cache
  stop,     ///< asked to end in order; killed at the fault's end if it has not; then restarts
  upgrade,  ///< as stop; restarts with the program that node::upgrade_to() gave, if it did
  replace,  ///< power loss, then restart with an empty disk
  pause,    ///< nothing of the node is scheduled
  // -- links
  partition,          ///< `nodes` cut off from all others, both ways
  partition_one_way,  ///< frames from `nodes` to all others are lost
  partition_ring,  ///< each of `nodes` hears its neighbours in the ring: a majority, each another
  cut_clients,     ///< nodes that are no members are cut off from those that are
  cut_one_way,     ///< frames from nodes[0] to nodes[1] are lost
  clog,            ///< frames from nodes[0] to nodes[1] wait until the end
  throttle,        ///< each link carries `amount` bytes a second
  loss,            ///< each frame lost with probability `amount`
  delay,           ///< frames take up to `amount` milliseconds, uniformly
  delay_tail,      ///< half of the frames take more than `amount` ms, a quarter twice that, ...
  delay_spikes,    ///< one frame in fifty takes `amount` milliseconds
  reorder,         ///< each frame leaves its order with probability `amount`
  duplicate,       ///< each frame arrives twice with probability `amount`
  corrupt,         ///< bits flipped in a frame with probability `amount`
  // -- disks: that of each of `nodes`
  slow_disk,    ///< takes `amount` times as long
  hang_disk,    ///< no job ends
  full_disk,    ///< has room for `amount` bytes more
  fail_writes,  ///< a write fails with probability `amount`, in its middle
  fail_syncs,   ///< a sync fails with probability `amount`; what it covered may be lost
  fail_reads,   ///< a read fails with probability `amount`
  flip_bits,    ///< a bit of what is read is wrong with probability `amount`
  // -- clocks: that of each of `nodes`
  clock_jump,   ///< the wall clock jumps by `amount` milliseconds (stays)
  clock_drift,  ///< runs `amount` ppm fast
};

struct fault_traits {
  fault_kind kind;
  std::string_view name;
  std::size_t nodes_min;
  std::size_t nodes_max;
  /// What `amount` may be; a kind that takes none has max < min.
  double amount_min;
  double amount_max;
  /// How often plans made from a seed have it, against the other kinds.
  std::uint32_t weight_calm;
  std::uint32_t weight;  ///< rough and brutal

  bool takes_amount() const { return amount_min <= amount_max; }
};

/// Every kind, in the order of the enumeration.
std::span<const fault_traits> all_fault_kinds();
const fault_traits& traits_of(fault_kind kind);
/// Null: there is no such kind.
const fault_traits* find_fault_kind(std::string_view name);
std::string to_string(fault_kind kind);

}  // namespace us
