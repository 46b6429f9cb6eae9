#pragma once
/// What a replica's snapshots hold beside the records, as bytes. Pure.

#include "actors/leader_follower/epoch_history.hpp"
#include "actors/leader_follower/membership.hpp"
#include "actors/leader_follower/session_table.hpp"
#include "runtime/state/snapshot_files.hpp"

#include <string>

namespace us {

/// Head, sessions, epochs, members: what comes before the records.
std::string encode_snapshot_begin(const snapshot_info& of, const session_table& sessions,
                                  const epoch_history& epochs, const configuration& members);
/// A block of kind end, which lies at `offset`; added to `to`.
void encode_snapshot_end(const snapshot_info& of, std::string& to, std::uint64_t offset);
/// All of a snapshot that has no records, but names those that belong to it.
std::string encode_snapshot_without_records(const snapshot_info& of, const session_table& sessions,
                                            const epoch_history& epochs,
                                            const configuration& members);

}  // namespace us
