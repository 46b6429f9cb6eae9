#include "runtime/probe.hpp"

#include <string_view>

namespace us {

namespace {

constexpr std::array<std::string_view, rare_count> names{
    "conflict_cut",
    "append_repeated",
    "append_of_old_epoch",
    "append_after_gap",
    "append_of_conflict",
    "commit_held_back",
    "woke_late",
    "vote_refused_used",
    "vote_refused_behind",
    "pre_vote_refused",
    "pre_vote_behind",
    "old_epoch_committed",
    "majority_lost",
    "newer_epoch_heard",
    "handed_over",
    "hand_over_given_up",
    "probed",
    "window_full",
    "read_from_disk",
    "turn_kept_open",
    "batch_in_entries",
    "entries_gathered",
    "read_waited",
    "group_rested",
    "stale_read_waited",
    "stale_read_expired",
    "read_by_lease",
    "vote_refused_promised",
    "disk_stuck",
    "witness_misplaced",
    "witness_sent_snapshot",
    "answered_early",
    "in_sync_left",
    "in_sync_back",
    "loss_journalled",
    "loss_survived",
    "loss_executed_again",
    "loss_uncertain",
    "retry_answered",
    "retry_before_commit",
    "came_late",
    "refusal_kept",
    "client_retried",
    "client_gave_up",
    "client_found_nobody",
    "snapshot_taken",
    "snapshot_fuzzy",
    "snapshot_dropped",
    "snapshot_damaged",
    "snapshot_without_log",
    "chunk_of_another_snapshot",
    "chunk_out_of_order",
    "snapshot_installed",
    "snapshot_came_late",
    "snapshot_refused",
    "transfer_begun",
    "transfer_resumed",
    "transfer_waited",
    "transfer_given_up",
    "disk_lost",
    "data_damaged",
    "vote_refused_recovering",
    "reply_of_lost_disk",
    "admitted",
    "member_added",
    "member_promoted",
    "member_removed",
    "member_change_waited",
    "member_change_refused",
    "member_change_undone",
    "members_by_snapshot",
    "stood_while_removed",
    "power_lost",
    "unsure_vote_counted",
    "majority_lost_power",
    "torn_tail",
    "tail_rewritten",
    "truncation_waited",
    "owner_changed_during_write",
    "disk_failed",
};
static_assert(!names.back().empty());

}  // namespace

std::string to_string(rare what) {
  return std::string{names[static_cast<std::size_t>(what)]};
}

}  // namespace us
