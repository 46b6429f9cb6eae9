#include "actors/leader_follower/replication.hpp"

#include "actors/leader_follower/in_sync.hpp"
#include "actors/leader_follower/snapshot_sender.hpp"
#include "runtime/ensure.hpp"
#include "runtime/mutants.hpp"
#include "runtime/probe.hpp"

#include <algorithm>
#include <stdexcept>

namespace us::replication {

using namespace std::chrono_literals;

namespace {

/// An append request that was just encoded: followers at the same place get the same frame.
struct encoded {
  log_index previous;
  log_index last;
  std::size_t bytes = 0;
  frame request;
};

std::size_t bytes_of(const std::vector<log_entry>& entries) {
  std::size_t sum = 0;
  for (const auto& entry : entries) sum += entry.bytes->size() + 16;
  return sum;
}

/// A witness, or a node of priority 0.
bool never_leads(leader_actor* self, const progress& follower) {
  return follower.witness || self->group().priority(follower.node) == 0;
}

/// Who never leads is told of an entry once the disk of a voter has it that may. Else it could know
/// of one that none of those has after a crash, and then it would vote for none of them.
log_index known_to_who_never_leads(leader_actor* self) {
  if (mutant(bug::witness_told_before_disk)) return self->log().last_index();
  log_index known;
  if (self->configuration().votes(self->node().id)) known = self->log().durable_index();
  for (const auto& f : self->state.followers)
    if (f.votes && !never_leads(self, f)) known = std::max(known, f.match);
  return known;
}

encoded encode(leader_actor* self, log_index previous, std::vector<log_entry> entries,
               const progress& follower) {
  if (!entries.empty() && never_leads(self, follower)) {
    const auto known = known_to_who_never_leads(self);
    std::erase_if(entries, [known](const log_entry& entry) { return entry.index > known; });
  }
  if (follower.witness)
    for (auto& entry : entries) entry = without_data(entry);
  auto previous_epoch = self->log().epoch_at(previous);
  ensure(previous_epoch.has_value(), previous.value);
  const auto bytes = bytes_of(entries);
  auto request = make_frame<message::AppendRequest>(
      {0, {self->node().id, self->group().seat}, self->group().seat, self->epoch()},
      [&](message::AppendRequest::Builder to) {
        to.setPreviousIndex(previous.value);
        to.setPreviousEpoch(previous_epoch->value);
        to.setCommit(self->store().commit.value);
        to.setRound(self->state.round);
        to.setQuiet(self->state.quiet.asked_since != 0 && entries.empty());
        to.setWitness(follower.witness);
        if (entries.empty()) return;
        auto list = to.initEntries(static_cast<unsigned>(entries.size()));
        for (unsigned i = 0; i < list.size(); ++i)
          list.set(i, {reinterpret_cast<const kj::byte*>(entries[i].bytes->data()),
                       entries[i].bytes->size()});
      },
      bytes / sizeof(capnp::word) + 16);
  return {previous, entries.empty() ? previous : entries.back().index, bytes, std::move(request)};
}

progress* find(leader_actor* self, node_id node) {
  for (auto& f : self->state.followers)
    if (f.node == node) return &f;
  return nullptr;
}

void send_entries(leader_actor* self, progress& to, const encoded& batch) {
  (void)self->node().send(to.node, batch.request);
  to.sent(batch.last, batch.bytes);
}

/// What it needs is no longer in memory: read it from the disk, off this thread.
void read_for(leader_actor* self, progress& to) {
  to.reading = true;
  const auto node = to.node;
  const auto first = to.next;
  // In pieces like those of a snapshot: each holds up what others wait for on this thread.
  const auto& limits = self->group().limits;
  self->log().read(first, std::min(limits.request_bytes, limits.snapshot_chunk_bytes),
                   [self, node, first](result<std::vector<log_entry>> entries) {
                     if (self->ending()) return;
                     auto* follower = find(self, node);
                     if (follower == nullptr) return;  // removed meanwhile
                     follower->reading = false;
                     const bool gone = !entries && entries.error().code == errc::not_found;
                     if (!entries && !gone) throw std::runtime_error{entries.error().text};
                     const bool useful = entries && !entries->empty() && follower->next == first &&
                                         self->log().epoch_at(first.previous());
                     if (!useful) return pump(self);
                     send_entries(self, *follower,
                                  encode(self, first.previous(), std::move(*entries), *follower));
                     pump(self);
                   });
}

/// What it lacks up to `last`. `shared`: what others like it were sent, if that will do.
void send_up_to(leader_actor* self, progress& follower, log_index last, encoded& shared) {
  const auto& limits = self->group().limits;
  while (follower.next <= last && follower.may_send(limits.window_bytes)) {
    const auto previous = follower.next.previous();
    if (shared.request.empty() || shared.previous != previous) {
      auto entries = self->log().cached(follower.next, limits.request_bytes);
      if (entries.empty()) {
        probe(rare::read_from_disk);
        return read_for(self, follower);
      }
      shared = encode(self, previous, std::move(entries), follower);
    }
    send_entries(self, follower, shared);
  }
  const bool more = follower.next <= last && !follower.probing;
  if (more && follower.inflight_bytes >= limits.window_bytes) probe(rare::window_full);
}

}  // namespace

void pump(leader_actor* self) {
  const auto released = self->state.gathered.released;
  const auto known = std::min(released, known_to_who_never_leads(self));
  encoded for_leaders_to_be;
  encoded for_others;
  encoded for_witnesses;
  for (auto& follower : self->state.followers) {
    if (follower.next < self->log().first_index())
      sending::consider(self, follower);
    else if (never_leads(self, follower))
      send_up_to(self, follower, known, follower.witness ? for_witnesses : for_others);
    else
      send_up_to(self, follower, released, for_leaders_to_be);
  }
}

void beat(leader_actor* self) {
  auto& s = self->state;
  ++s.round;
  s.rounds.sent(s.round, self->now());
  encoded for_replicas;
  encoded for_witnesses;
  for (auto& follower : s.followers) {
    auto& shared = follower.witness ? for_witnesses : for_replicas;
    // Where it lacks what the log no longer has, the beat is refused, which is as good a sign of
    // life.
    const auto previous = follower.next < self->log().first_index() ? self->log().last_index()
                                                                    : follower.next.previous();
    if (shared.request.empty() || shared.previous != previous)
      shared = encode(self, previous, {}, follower);
    (void)self->node().send(follower.node, shared.request);
  }
}

namespace {

/// False: it was sent from a data directory that is no more.
bool same_disk(progress& follower, message::AppendReply::Reader reply) {
  const auto disk = reply.getDisk();
  if (follower.disk != 0 && disk != follower.disk) {
    if (!reply.getRecovering()) probe(rare::reply_of_lost_disk);
    if (!reply.getRecovering()) return mutant(bug::reply_of_lost_disk_counted);
    follower.lost_disk(disk);
  }
  follower.disk = disk;
  follower.recovering = reply.getRecovering() && !mutant(bug::recovering_counted);
  return true;
}

/// An answer may have been on its way for long: what counts is when its question was sent.
void note_round(leader_actor* self, progress& follower, message::AppendReply::Reader reply) {
  if (reply.getRound() > self->state.round) return;  // nobody can confirm one that was not sent
  follower.round = std::max(follower.round, reply.getRound());
  const auto sent = self->state.rounds.of(reply.getRound());
  if (!sent) return;
  follower.answered = std::max(follower.answered, *sent);
  if (reply.getPromiseMicros() == 0) return;
  const duration promise = std::chrono::microseconds{reply.getPromiseMicros()};
  const auto lasts = mutant(bug::lease_outlives_promise)
                         ? 4 * promise
                         : lease_of(promise, self->group().acknowledge.clock_drift_ppm);
  follower.promised = std::max(follower.promised, *sent + lasts);
}

/// Whether enough voters of that configuration, the leader among them, have confirmed the round.
bool confirmed_by(leader_actor* self, const configuration& members, std::uint64_t round) {
  std::size_t confirmed = members.votes(self->node().id) ? 1 : 0;
  for (const auto& f : self->state.followers)
    if (members.votes(f.node) && !f.recovering && f.round >= round) ++confirmed;
  return confirmed >= rules::confirmations_to_admit(members.voters());
}

/// A recovering follower counts again once this leadership was confirmed since it asked, by so many
/// others that no newer one can have been made with a vote that it forgot, and it has every
/// entry that there was then. One that kept its votes follows no leader of an epoch older than it
/// acknowledged entries in, and this one has all that were committed in older ones: nobody else
/// need confirm.
void admit(leader_actor* self, progress& follower, message::AppendReply::Reader reply) {
  if (!follower.recovering || !reply.getAsks()) return;
  const auto commit = self->store().commit;
  // Once this is committed, whoever was elected since has the members that were then, as it has
  // what is committed here, or those that this leader has changed to: it asks both. Of no account
  // for one that forgot no vote; and were a majority such ones, nothing could be committed before
  // they count.
  if (commit < self->state.first_own && !reply.getKeepsVotes()) return;
  if (follower.admit_round == 0) {
    follower.admit_round = self->state.round + 1;
    follower.admit_index = self->log().last_index();
    return;
  }
  const bool confirmed =
      reply.getKeepsVotes() ||
      (confirmed_by(self, self->configuration(), follower.admit_round) &&
       confirmed_by(self, self->store().members.at(commit), follower.admit_round));
  if (!confirmed || follower.match < follower.admit_index) return;
  self->send_to<message::Admitted>(
      follower.node, [&](message::Admitted::Builder admitted) { admitted.setDisk(follower.disk); });
}

/// The highest value that a majority of the voters has; who is recovering counts with nothing.
template <class Value>
log_index of_majority(leader_actor* self, log_index own, Value&& value) {
  std::vector<log_index> values;
  values.reserve(self->configuration().voters());
  if (self->configuration().votes(self->node().id)) values.push_back(own);
  for (const auto& f : self->state.followers)
    if (f.votes) values.push_back(f.recovering ? log_index{} : value(f));
  return rules::majority_match(std::move(values));
}

}  // namespace

reply_effect accept(leader_actor* self, message::AppendReply::Reader reply, const sender& from) {
  auto* follower = find(self, from.node);
  if (follower == nullptr) return reply_effect::none;  // no member, whatever its epoch
  if (from.epoch > self->epoch())
    return follower->leaving ? reply_effect::none : reply_effect::newer_epoch;
  if (from.epoch < self->epoch()) return reply_effect::none;
  if (!same_disk(*follower, reply)) return reply_effect::none;
  follower->heard = self->now();
  note_round(self, *follower, reply);
  follower->no_space = reply.getFull();
  const log_index match{mutant(bug::leader_counts_sent) ? follower->next.previous().value
                                                        : reply.getMatch()};
  if (reply.getRefused()) {
    probe(rare::probed);
    follower->refused({reply.getHint()}, reply.getFull());
  } else if (match <= self->log().last_index())  // beyond: no follower of this epoch says that
    follower->acknowledged(match);
  in_sync::look(self, *follower);
  admit(self, *follower, reply);
  return reply_effect::advanced;
}

std::optional<log_index> committable(leader_actor* self) {
  const auto own =
      mutant(bug::leader_counts_undurable) ? self->log().last_index() : self->log().durable_index();
  const auto index = of_majority(self, own, [](const progress& f) { return f.match; });
  if (!rules::may_commit(index, self->store().commit, self->log().epoch_at(index), self->epoch()))
    return std::nullopt;
  return index;
}

std::uint64_t confirmed_round(leader_actor* self) {
  const auto round = [](const progress& f) { return log_index{f.round}; };
  return of_majority(self, {self->state.round}, round).value;
}

bool holds_lease(leader_actor* self) {
  const auto& s = self->state;
  if (!self->group().acknowledge.read_lease) return false;
  if (s.lease_over && !mutant(bug::lease_kept_when_handing_over)) return false;
  const auto count = [](time_point at) {
    return log_index{static_cast<std::uint64_t>(at.time_since_epoch().count())};
  };
  const auto until = of_majority(self, count(time_point::max()),
                                 [&](const progress& f) { return count(f.promised); });
  return count(self->now()) < until;
}

bool hears_majority(leader_actor* self, duration within) {
  if (mutant(bug::quorum_loss_ignored)) return true;
  const auto now = self->now();
  std::size_t heard = self->configuration().votes(self->node().id) ? 1 : 0;
  for (const auto& f : self->state.followers)
    if (f.votes && now - std::max(f.answered, f.since) <= within) ++heard;
  return heard >= rules::majority(self->configuration().voters());
}

void fill_status(leader_actor* self, message::ServiceStatus::Builder status) {
  const auto last = self->log().last_index().value;
  auto list = status.initReplicas(static_cast<unsigned>(self->state.followers.size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    const auto& f = self->state.followers[i];
    list[i].setNode(self->name_of(f.node));
    list[i].setMatchIndex(f.match.value);
    list[i].setLagEntries(last - f.match.value);
    list[i].setSnapshotPercent(sending::percent(*self, f.node));
    list[i].setInSync(f.sync.in_sync);
    list[i].setRecovering(f.recovering);
    const auto lag = f.sync.lag(std::max(f.heard, self->state.began), self->now());
    list[i].setLagMillis(self->state.quiet.rests ? 0 : static_cast<std::uint64_t>(lag / 1ms));
  }
}

}  // namespace us::replication
