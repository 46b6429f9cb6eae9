#pragma once
/// Opens a replica's store: the newest usable snapshot, and the log after it. Blocks: a job for the
/// executor.
///
/// A damaged snapshot is reported and left out: the one before it serves as long as the log reaches
/// back to it. Errors: corrupted when nothing that is there gives back all that this replica has
/// acknowledged; newer_format; what the disk reports.

#include "actors/leader_follower/group.hpp"
#include "actors/leader_follower/store.hpp"

namespace us {

result<std::unique_ptr<replica_store>> open_store(const ports& with, const std::string& directory,
                                                  const group_limits& limits = {},
                                                  const engine_ptr& engine = memory_engine());

/// "lists/log" -> "lists/snapshots".
std::string snapshot_directory(const std::string& log_directory);
/// "lists/log" -> "lists/records", where an engine keeps them.
std::string record_directory(const std::string& log_directory);
/// "lists/log" -> "lists/standing".
std::string standing_file(const std::string& log_directory);
/// "lists/log" -> "lists/losses".
std::string loss_directory(const std::string& log_directory);

}  // namespace us
