#pragma once
/// What of a log's uncommitted tail has to be noted in the loss journal before it is given up.
/// Pure.
///
/// Requests whose clients may have been answered before a majority had their entry are noted one
/// by one, with the request, as acknowledged; the rest of an entry as one loss, unacknowledged:
/// its clients were told no more than that the outcome is unknown.

#include "actors/leader_follower/epoch_history.hpp"
#include "actors/leader_follower/session_table.hpp"
#include "runtime/log/change_log.hpp"
#include "runtime/loss/loss.hpp"
#include "runtime/node/context.hpp"
#include "runtime/service/partition.hpp"

#include <string>
#include <vector>

namespace us {

/// Of one entry; empty when it changed no record for a client.
std::vector<loss> losses_of(const log_entry& entry, const std::string& service,
                            const partition_id& partition, const node_context& node,
                            const std::string& why);

namespace rules {

/// What a loss is, as far as a snapshot up to `end` can tell: its epochs and sessions. Uncertain:
/// the request was executed since, and may have changed nothing this time; or it may have been, and
/// its outcome is forgotten.
loss_state judge_by_snapshot(const loss_key& key, session_id session, request_sequence sequence,
                             log_index end, const epoch_history& history,
                             const session_table& sessions);

}  // namespace rules
}  // namespace us
