#include "actors/leader_follower/appending.hpp"

#include "actors/leader_follower/losing.hpp"
#include "runtime/mutants.hpp"
#include "runtime/probe.hpp"

#include <algorithm>

namespace us::appending {

namespace {

/// Asks to be admitted only after the votes that it gave before it lost its disk are no longer
/// counted.
void fill(follower_actor* self, message::AppendReply::Builder reply) {
  const auto& own = self->store().standing;
  const duration old_votes = 2 * self->node().timing.election_timeout_min;
  reply.setDisk(own.disk);
  reply.setRecovering(!own.counts());
  reply.setKeepsVotes(own.unsure());
  reply.setAsks(own.unsure() || (!own.counts() && self->now() - self->state.began > old_votes));
  if (self->group().acknowledge.read_lease)
    reply.setPromiseMicros(
        static_cast<std::uint32_t>(self->promise() / std::chrono::microseconds{1}));
}

/// Whether what conflicts is in the loss journal, so that it may be cut. If not yet, the leader is
/// asked to send it once more when it is.
bool may_cut(follower_actor* self, log_index first_new) {
  if (self->state.noting) return false;
  const auto why = "leader " + self->name_of(self->state.leader) + " of epoch " +
                   to_string(self->epoch()) + " does not have it";
  return losing::noted_after(self, first_new.previous(), why, [self, first_new](bool noted) {
    auto& s = self->state;
    if (s.leader.none()) return;
    const auto from = std::min(first_new, self->log().last_index().next());
    refuse(self, s.leader, from, s.round, !noted);
  });
}

void report_undone(follower_actor* self) {
  self->learn_members();
  probe(rare::member_change_undone);
  self->node().ports.log->write(severity::event, "a change of members of " + self->group().name +
                                                     " was not committed and is undone: they are " +
                                                     to_string(self->configuration()));
}

}  // namespace

std::optional<content> read(message::AppendRequest::Reader request) {
  content found{{request.getPreviousIndex()}, {request.getPreviousEpoch()}, {request.getCommit()},
                request.getRound(),           request.getQuiet(),           {}};
  auto expected = found.previous.next();
  auto newest = found.previous_epoch;
  for (auto bytes : request.getEntries()) {
    auto entry = decode_entry(bytes);
    if (!entry || entry->index != expected || entry->epoch < newest) return std::nullopt;
    newest = entry->epoch;
    expected = expected.next();
    found.entries.push_back(std::move(*entry));
  }
  return found;
}

std::size_t bytes_of(const std::vector<log_entry>& entries) {
  std::size_t sum = 0;
  for (const auto& entry : entries) sum += entry.bytes->size() + 64;  // and its record's header
  return sum;
}

std::optional<log_index> take(follower_actor* self, const content& from) {
  auto& store = self->store();
  const auto last = log_index{from.previous.value + from.entries.size()};
  auto skip = rules::already_present(*store.log, from.entries);
  if (mutant(bug::late_append_truncates) && last < store.log->last_index())
    store.truncate_after(std::max(last, store.commit));
  if (skip < from.entries.size()) {
    const auto first_new = from.entries[skip].index;
    if (first_new <= store.log->last_index()) {
      if (!may_cut(self, first_new)) return std::nullopt;
      probe(rare::conflict_cut);
      if (store.truncate_after(first_new.previous())) report_undone(self);
    }
    for (; skip < from.entries.size(); ++skip) store.append(from.entries[skip]);
    self->learn_members();
  } else if (skip > 0) {
    probe(rare::append_repeated);
  }
  return last;
}

log_index acknowledged(follower_actor* self) {
  const auto durable = self->log().durable_index();
  return mutant(bug::unverified_acknowledged) ? durable : std::min(durable, self->state.verified);
}

void reply(follower_actor* self, node_id to, log_index match, std::uint64_t round) {
  self->send_to<message::AppendReply>(to, [&](message::AppendReply::Builder answer) {
    answer.setMatch(match.value);
    answer.setRound(round);
    answer.setFull(self->log().full());
    answer.setQuiet(self->state.rests);
    fill(self, answer);
  });
}

void refuse(follower_actor* self, node_id to, log_index hint, std::uint64_t round, bool full) {
  self->send_to<message::AppendReply>(to, [&](message::AppendReply::Builder answer) {
    answer.setRefused(true);
    answer.setHint(hint.value);
    answer.setRound(round);
    answer.setFull(full);
    fill(self, answer);
  });
}

}  // namespace us::appending
