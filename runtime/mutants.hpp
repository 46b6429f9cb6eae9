#pragma once
/// Bugs that can be switched on, one at a time, to prove that the tests notice them.
///
/// In a normal build mutant() is the constant false, so that nothing of them is compiled. A build
/// with -DUNDERSTUDY_MUTANTS=ON takes the name of one from the environment: UNDERSTUDY_MUTANT=name.
/// Each stands where the rule that it breaks is implemented; the leader_follower and log tests are
/// what has to notice it.

namespace us {

enum class bug : unsigned char {
  none,
  // votes and elections
  vote_given_twice,
  vote_for_any_log,
  vote_not_durable,
  vote_told_early,
  leads_on_undurable_vote,
  pre_vote_always,
  pre_vote_despite_leader,
  quorum_loss_ignored,
  // the log's agreement
  previous_epoch_unchecked,
  gap_accepted,
  old_epoch_append_taken,
  late_append_truncates,
  acknowledged_before_durable,
  unverified_acknowledged,
  unverified_committed,
  older_epoch_committed,
  leader_counts_undurable,
  leader_counts_sent,
  // answers
  read_unconfirmed,
  read_confirmed_by_earlier_round,
  read_confirmed_by_former_leader,
  read_of_uncommitted,
  read_point_unconfirmed,
  follower_read_unbounded,
  read_before_after,
  stale_index_dropped,
  lease_outlives_promise,
  lease_kept_when_handing_over,
  lease_renewed_by_rest,
  promise_forgotten,
  promise_forgotten_at_start,
  answered_before_commit,
  // requests once
  retry_executed,
  retry_of_uncommitted_executed,
  late_request_executed,
  replies_forgotten_early,
  refusal_not_remembered,
  refused_copy_executed,
  sessions_not_restored,
  uncommitted_forgotten_by_leader,
  restored_past_commit,
  expiry_told_rejected,
  redirect_trusted,
  rejection_of_retry_trusted,
  expired_session_resent,
  expired_session_revived,
  // snapshots
  log_cut_beyond_snapshot,
  gap_after_snapshot,
  snapshot_claims_its_end,
  older_snapshot_installed,
  chunk_of_another_snapshot_taken,
  // lost disks
  votes_after_disk_loss,
  recovering_counted,
  reply_of_lost_disk_counted,
  // lost power
  boot_ignored,
  unsure_votes_counted,
  // acknowledgement modes and the loss journal
  async_answer_before_own_disk,
  all_ignores_lagging_out,
  journal_written_after_cut,
  journal_skipped,
  unsynced_journal_trusted,
  survivor_not_settled,
  // members
  members_changed_before_own_commit,
  two_member_changes_at_once,
  learner_counted,
  member_change_kept_when_cut,
  members_not_in_snapshot,
  promoted_unseen,
  witness_stands,
  witness_taken_for_replica,
  witness_reads_kept,
  witness_told_before_disk,
  // hand-over
  handed_over_before_all,
  answers_while_handing_over,
  transfer_asked_again,
  late_lead_now_taken,
  // priorities
  priority_ignored,
  priority_zero_stands,
  priority_zero_chosen,
  // partitions and quiet groups
  batch_to_one_partition,
  partition_count_not_in_key,
  losses_shared_by_partitions,
  snapshots_shared_by_partitions,
  rests_uncommitted,
  resting_grants_pre_vote,
  resting_refuses_former_leader,
  // the change log
  sync_skipped,
  sync_error_ignored,
  write_error_ignored,
  durable_not_cut,
  truncation_not_written,
  payload_unchecked,
  unsynced_tail_trusted,
  former_segment_not_synced,
  count_of_bugs,
};

#ifdef UNDERSTUDY_MUTANTS
/// Whether this bug is switched on. An unknown name ends the program with exit code 2.
bool mutant(bug which);
#else
constexpr bool mutant(bug) {
  return false;
}
#endif

}  // namespace us
