#include "actors/leader_follower/transfer_rules.hpp"

#include "runtime/mutants.hpp"
#include "runtime/probe.hpp"

namespace us::rules {

snapshot_use use_of(const snapshot_info& snapshot, log_index first, log_index last,
                    std::optional<us::epoch> at_index) {
  const auto index = snapshot.id.index;
  if (index.next() < first)
    return mutant(bug::gap_after_snapshot) ? snapshot_use::extends_log : snapshot_use::none;
  const bool there = at_index == snapshot.id.epoch;
  if (snapshot.installed) return there ? snapshot_use::extends_log : snapshot_use::begins_log;
  return there && snapshot.complete <= last ? snapshot_use::extends_log : snapshot_use::contradicts;
}

bool needs_snapshot(const change_log& log, log_index commit, const snapshot_id& offered) {
  if (mutant(bug::older_snapshot_installed)) return true;
  return offered.index > commit && log.epoch_at(offered.index) != offered.epoch;
}

chunk_verdict judge(const std::optional<reception>& now, const snapshot_chunk& chunk) {
  const bool same = now && (now->id == chunk.id || mutant(bug::chunk_of_another_snapshot_taken));
  if (now && now->busy) return chunk_verdict::ignored;
  if (!same) {
    if (now) probe(rare::chunk_of_another_snapshot);
    return chunk_verdict::begins;
  }
  const bool fits = chunk.offset == now->written && !chunk.bytes.empty() &&
                    chunk.bytes.size() <= now->total - now->written && chunk.total == now->total;
  if (!fits && !chunk.bytes.empty()) probe(rare::chunk_out_of_order);
  return fits ? chunk_verdict::taken : chunk_verdict::repeats;
}

}  // namespace us::rules
