#include "runtime/mutants.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <string_view>

// Nothing of this is in a normal build.
#ifdef UNDERSTUDY_MUTANTS

namespace us {

/// As in the enumeration.
constexpr std::string_view names =
    "none vote_given_twice vote_for_any_log vote_not_durable vote_told_early "
    "leads_on_undurable_vote pre_vote_always pre_vote_despite_leader quorum_loss_ignored "
    "previous_epoch_unchecked gap_accepted old_epoch_append_taken late_append_truncates "
    "acknowledged_before_durable unverified_acknowledged unverified_committed "
    "older_epoch_committed leader_counts_undurable leader_counts_sent read_unconfirmed "
    "read_confirmed_by_earlier_round read_confirmed_by_former_leader read_of_uncommitted "
    "read_point_unconfirmed follower_read_unbounded read_before_after stale_index_dropped "
    "lease_outlives_promise lease_kept_when_handing_over lease_renewed_by_rest "
    "promise_forgotten promise_forgotten_at_start answered_before_commit retry_executed "
    "retry_of_uncommitted_executed late_request_executed replies_forgotten_early "
    "refusal_not_remembered refused_copy_executed sessions_not_restored "
    "uncommitted_forgotten_by_leader restored_past_commit expiry_told_rejected "
    "redirect_trusted rejection_of_retry_trusted expired_session_resent "
    "expired_session_revived log_cut_beyond_snapshot gap_after_snapshot "
    "snapshot_claims_its_end older_snapshot_installed chunk_of_another_snapshot_taken "
    "votes_after_disk_loss recovering_counted reply_of_lost_disk_counted boot_ignored "
    "unsure_votes_counted async_answer_before_own_disk all_ignores_lagging_out "
    "journal_written_after_cut journal_skipped unsynced_journal_trusted survivor_not_settled "
    "members_changed_before_own_commit two_member_changes_at_once learner_counted "
    "member_change_kept_when_cut members_not_in_snapshot promoted_unseen witness_stands "
    "witness_taken_for_replica witness_reads_kept witness_told_before_disk "
    "handed_over_before_all answers_while_handing_over transfer_asked_again "
    "late_lead_now_taken priority_ignored priority_zero_stands priority_zero_chosen "
    "batch_to_one_partition partition_count_not_in_key losses_shared_by_partitions "
    "snapshots_shared_by_partitions rests_uncommitted resting_grants_pre_vote "
    "resting_refuses_former_leader sync_skipped sync_error_ignored write_error_ignored "
    "durable_not_cut truncation_not_written payload_unchecked unsynced_tail_trusted "
    "former_segment_not_synced ";
static_assert(std::ranges::count(names, ' ') == static_cast<std::ptrdiff_t>(bug::count_of_bugs));

namespace {

bug chosen() {
  const char* wanted = std::getenv("UNDERSTUDY_MUTANT");
  if (wanted == nullptr || *wanted == '\0') return bug::none;
  std::istringstream listed{std::string{names}};
  std::string name;
  for (unsigned i = 0; listed >> name; ++i)
    if (name == wanted) return static_cast<bug>(i);
  std::fprintf(stderr, "UNDERSTUDY_MUTANT: there is no mutant %s\n", wanted);
  std::exit(2);
}

}  // namespace

bool mutant(bug which) {
  static const bug on = chosen();
  return on == which;
}

}  // namespace us

#endif
