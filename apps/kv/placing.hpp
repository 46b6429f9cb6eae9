#pragma once
/// Which partition executes a command, where the service has more than one. Pure.
///
/// By its keys, which must all be in one partition. Keys with the same text between their first '{'
/// and the next '}' are in the same one, as with Redis Cluster. DBSIZE, KEYS, RANDOMKEY, FLUSHDB
/// and FLUSHALL are executed by all partitions, side by side. A SCAN walks through one after
/// another: its cursor is the partition times the slots of one, and the slot.

#include "runtime/service/partition.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace kv {

/// The part of a key that decides.
std::string_view placed_part(std::string_view key);

/// `arguments`: with the command's name, and as many as it takes.
us::request_place place_of(std::span<const std::string_view> arguments, std::uint32_t partitions);

}  // namespace kv
