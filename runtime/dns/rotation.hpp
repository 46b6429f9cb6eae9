#pragma once
/// In which orders the backends of a name are answered, so that each stands first as often as
/// its weight says, and evenly spread (smooth weighted round robin, as nginx has it). Pure.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace us::dns {

/// One order per answer, to be used one after another and again from the start. Each order has
/// at most `answers_max` members, all different: indexes into `weights`, which are from 1.
/// Exact when the weights' sum, divided by what divides them all, is at most the number of
/// orders that fits into memory (4096 records, 256 orders), else the nearest that does.
std::vector<std::vector<std::size_t>> rotations(const std::vector<std::uint16_t>& weights,
                                                std::size_t answers_max);

}  // namespace us::dns
