#include "actors/leader_follower/store.hpp"

#include "actors/leader_follower/tail_losses.hpp"
#include "runtime/ensure.hpp"

#include <string_view>

namespace us {

namespace {

std::string_view text_of(capnp::Data::Reader data) {
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}

state_change view_of(message::Change::Reader change) {
  switch (change.which()) {
    case message::Change::VALUE:
      return {change_kind::put, text_of(change.getKey()), text_of(change.getValue())};
    case message::Change::ERASED: return {change_kind::erased, text_of(change.getKey()), {}};
    case message::Change::CLEARED: break;
  }
  return {change_kind::cleared, {}, {}};
}

/// What was given up here may be committed after all.
void settle_losses(loss_journal& losses, const log_entry& entry,
                   message::LogEntry::Reader content) {
  losses.entry_survived(entry.epoch, entry.index);
  const auto outcomes = content.getOutcomes();
  std::vector<bool> changed(outcomes.size(), false);  // a retry asks for the same mode
  for (auto early : content.getEarly())
    if (early.getOutcome() < changed.size()) changed[early.getOutcome()] = true;
  for (unsigned i = 0; i < outcomes.size(); ++i)
    losses.request_executed({outcomes[i].getSession()}, {outcomes[i].getSequence()}, changed[i]);
}

}  // namespace

void replica_store::append(const log_entry& entry) {
  log->append(entry, commit);
  waiting.push_back(entry);
  note_members(entry);
}

bool replica_store::truncate_after(log_index last) {
  ensure(last >= commit, last.value, commit.value);
  log->truncate_after(last);
  while (!waiting.empty() && waiting.back().index > last) waiting.pop_back();
  return members.cut_after(last);
}

void replica_store::note_members(const log_entry& entry) {
  if (auto found = configuration_in(entry)) members.take(std::move(*found));
}

void replica_store::apply(const log_entry& entry) {
  ensure(entry.index == applied.next(), entry.index.value, applied.value);
  opened_entry opened{entry};
  auto content = opened.get();
  // Records on a disk may be ahead of the snapshot that the store was opened from.
  if (entry.index > state->applied().index) {
    changes_.clear();
    for (auto change : content.getChanges()) changes_.push_back(view_of(change));
    state->apply(changes_, {entry.index, entry.epoch});
  }
  for (auto mark : content.getSessions())
    sessions.mark({mark.getSession()}, {mark.getFirstOpen()}, entry.index);
  for (auto outcome : content.getOutcomes())
    sessions.record({outcome.getSession()}, {outcome.getSequence()},
                    std::string{text_of(outcome.getReply())}, entry.index);
  history.note(entry.epoch, entry.index);
  if (losses && losses->watching()) settle_losses(*losses, entry, content);
  applied = entry.index;
  members.committed(applied);
  bytes_since_snapshot += entry.bytes->size();
}

bool replica_store::applies(const log_entry& entry) try {
  apply(entry);
  return true;
} catch (const state_failure& e) {
  if (e.why().code != errc::disk_full) throw;
  return false;
}

void replica_store::check_invariants() const {
  ensure(applied <= commit, applied.value, commit.value);
  ensure(commit <= log->last_index(), commit.value, log->last_index().value);
  ensure(waiting.size() == log->last_index().value - applied.value, waiting.size(),
         log->last_index().value, applied.value);
}

void replica_store::install(const snapshot_info& snapshot, std::unique_ptr<us::state> records,
                            session_table with, epoch_history epochs, configuration members_then) {
  state = std::move(records);
  sessions = std::move(with);
  history = std::move(epochs);
  members.restore(std::move(members_then));
  waiting.clear();
  commit = applied = snapshot.id.index;
  complete = snapshot.complete;
  log->begin_after(snapshot.id.index, snapshot.id.epoch);
  settle_losses_by_snapshot();
  if (snapshots) snapshots->add(snapshot);
}

void replica_store::settle_losses_by_snapshot() {
  if (!losses || !losses->watching()) return;
  losses->settle([this](const loss_key& key, session_id session, request_sequence sequence) {
    return rules::judge_by_snapshot(key, session, sequence, applied, history, sessions);
  });
}

}  // namespace us
