#pragma once
/// Where a partition's replica keeps its files, and how many partitions a data directory was made
/// for, which never changes.
///
/// A service with one partition has its files in "kv/", as a service without partitions always had.
/// One with more has "kv/partitions/count", two lines, its format and how many, and a directory for
/// each beside it. Errors: invalid_config when the directory was made for another number;
/// corrupted; newer_format; what the disk reports.

#include "actors/leader_follower/group.hpp"

#include <string>

namespace us {

/// Of the change log: "kv/log", or "kv/partitions/5/log".
std::string log_directory(const std::string& service, const partition_id& of);

/// The loss journals of a service in a data directory, whatever its partitions.
result<std::vector<std::string>> loss_directories(disk& where, const std::string& service);

/// Makes the number durable in a directory that has no data of the service, and compares it with
/// that of one that has. Blocks: a job for the executor, or before anything runs.
status claim_partitions(disk& where, const std::string& service, std::uint32_t count);

/// A partition's share of limits that are meant for a whole service, with what each needs at least.
group_limits share_of(group_limits all, std::uint32_t partitions);

}  // namespace us
