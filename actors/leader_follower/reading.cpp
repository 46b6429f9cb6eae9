#include "actors/leader_follower/reading.hpp"

#include "runtime/mutants.hpp"
#include "runtime/probe.hpp"

#include <kj/exception.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace us {

namespace {

constexpr std::size_t batches_max = 4096;

/// Records for a request that may only read: what it writes is dropped, and noted.
template <class Base>
class read_view final : public record_view {
 public:
  read_view(const Base& base, std::int64_t now_ms, const partition_id& partition)
      : base_(base), now_ms_(now_ms), partition_(partition) {}

  record_bytes get(std::string_view key) override { return base_.get(key); }
  void put(std::string_view, std::string) override { wrote_ = true; }
  void erase(std::string_view) override { wrote_ = true; }
  void clear() override { wrote_ = true; }
  std::uint64_t size() override { return base_.size(); }
  void each_in_slot(std::uint32_t slot,
                    const std::function<void(std::string_view, std::string_view)>& f) override {
    base_.each_in_slot(slot, f);
  }
  std::int64_t now_ms() const override { return now_ms_; }
  void only_reads() override { reads_only_ = true; }
  partition_id partition() const override { return partition_; }

  bool is_read() const { return reads_only_ && !wrote_; }

 private:
  const Base& base_;
  std::int64_t now_ms_;
  partition_id partition_;
  bool reads_only_ = false;
  bool wrote_ = false;
};

/// As a batch asks for that the leader need not answer.
read_policy policy_of(message::SubmitBatch::Reader batch) {
  constexpr std::uint64_t micros_max = 3'600'000'000;
  if (batch.getReads() == message::Reads::LOCAL)
    return {.who = read_policy::kind::local, .after = {batch.getAfter()}};
  // What a newer program may ask for is at least as strict as no age at all.
  const bool known = batch.getReads() == message::Reads::BOUNDED;
  const std::uint64_t micros = known ? std::min(batch.getStaleMicros(), micros_max) : 0;
  return {.who = read_policy::kind::bounded,
          .staleness = std::chrono::microseconds{micros},
          .after = {batch.getAfter()}};
}

request_answer refused(request_sequence sequence, message::Reason reason, std::string text) {
  return {sequence, message::Outcome::REJECTED, reason, std::move(text), {}};
}

template <class Base>
request_answer execute(role_base* self, const Base& base, message::Request::Reader request) {
  const request_sequence sequence{request.getSequence()};
  const auto& service = self->group().service;
  const auto* type = service.find(request.getType());
  if (type == nullptr)
    return refused(sequence, message::Reason::UNKNOWN_TYPE,
                   "service " + service.name() + " has no such request");
  read_view<Base> view{base, self->node().ports.clock->wall_ms(), self->group().partition};
  small_message_builder reply;
  try {
    type->run(view, request.getBody(), reply);
  } catch (const state_failure&) {
    throw;  // not the request's fault: the replica has to be opened anew
  } catch (const kj::Exception& e) {
    return refused(sequence, message::Reason::MALFORMED, e.getDescription().cStr());
  } catch (const std::exception& e) {
    return refused(sequence, message::Reason::FAILED, e.what());
  }
  if (!view.is_read())
    return refused(sequence, message::Reason::NOT_A_READ,
                   "it may change something, so only the leader executes it: ask for it without "
                   "a staleness");
  auto bytes = to_bytes(reply);
  const auto most = self->group().limits.request_changes_bytes();
  if (bytes.size() > most)
    return refused(sequence, message::Reason::FAILED, outcome_too_long(bytes.size(), most));
  return {sequence, message::Outcome::DONE, message::Reason::NONE, {}, std::move(bytes)};
}

template <class Base>
std::vector<frame> execute_all(role_base* self, const Base& base,
                               message::SubmitBatch::Reader batch, const sender& from,
                               const answered_batch& known) {
  std::vector<request_answer> answers;
  answers.reserve(batch.getRequests().size());
  const auto most = 2 * self->group().limits.frame_bytes;
  std::size_t bytes = 0;
  for (auto request : batch.getRequests()) {
    answers.push_back(bytes < most ? execute(self, base, request)
                                   : refused({request.getSequence()}, message::Reason::OVERLOADED,
                                             answers_too_long));
    bytes += answers.back().body.size();
  }
  return encode_answers({self->node().id, self->group().seat}, from, self->epoch(), known, answers,
                        self->group().limits.entry_bytes);
}

/// What the state has; none while it is not exact.
log_index applied(role_base* self) {
  const auto& store = self->store();
  return store.applied >= store.complete ? store.applied : log_index{};
}

/// A replica that lost its disk has nothing to show until it knows how new that is.
bool may_answer(role_base* self, const waiting_reads::waiting& read) {
  const auto& store = self->store();
  const auto has = applied(self);
  const auto as_of = store.fresh.as_of();
  const bool exact = has >= store.complete && (store.standing.counts() || as_of);
  return exact && us::may_answer(read.how, read.arrived, has, as_of);
}

void send(role_base* self, const sender& to, const std::vector<frame>& parts) {
  for (const auto& part : parts) (void)self->node().send(to.node, part);
}

void answer_one(role_base* self, const waiting_reads::waiting& read) {
  opened_frame opened{read.batch};
  const auto as_of = self->store().fresh.as_of();
  const auto age = as_of ? std::optional{read.arrived - *as_of} : std::nullopt;
  auto batch = opened.body<message::SubmitBatch>();
  send(self, read.from, reading::answer(self, batch, read.from, age));
}

void refuse_one(role_base* self, const waiting_reads::waiting& read, message::Reason reason,
                const std::string& text) {
  opened_frame opened{read.batch};
  auto batch = opened.body<message::SubmitBatch>();
  std::vector<request_answer> answers;
  for (auto request : batch.getRequests())
    answers.push_back(refused({request.getSequence()}, reason, text));
  send(self, read.from,
       encode_answers({self->node().id, self->group().seat}, read.from, self->epoch(),
                      {{batch.getSession()}, {}, {}}, answers, self->group().limits.entry_bytes));
}

void expire(role_base* self, waiting_reads& reads) {
  const auto over = [&](const waiting_reads::waiting& read) {
    if (self->now() < read.deadline) return false;
    probe(rare::stale_read_expired);
    refuse_one(self, read, message::Reason::NO_LEADER,
               "this replica could not learn in time that it is new enough: no leader answers; "
               "reads = local takes what is here");
    return true;
  };
  std::erase_if(reads.batches, over);
}

/// One question for all that wait, unless what is known or asked already will do.
void ask_if_needed(role_base* self, waiting_reads& reads) {
  const duration patience = 2 * self->node().timing.leader_beat;
  if (reads.asked_nonce != 0 && self->now() - reads.asked > patience) reads.asked_nonce = 0;
  const auto leader = self->leader();
  if (leader.none() || leader == self->node().id || reads.asked_nonce != 0) return;
  const auto newest = self->store().fresh.newest();
  const bool needed = std::ranges::any_of(reads.batches, [&](const auto& read) {
    const auto wanted = wanted_as_of(read.how, read.arrived);
    return wanted && (!newest || *newest < *wanted);
  });
  if (!needed) return;
  reads.asked_nonce = self->node().ports.random->next() | 1;
  reads.asked = self->now();
  self->send_to<message::ReadPoint>(
      leader, [&](message::ReadPoint::Builder ask) { ask.setNonce(reads.asked_nonce); });
}

void keep_time(role_base* self, waiting_reads& reads) {
  if (reads.batches.empty() || std::exchange(reads.timer_runs, true)) return;
  self->after(self->node().timing.leader_beat, [self, &reads] {
    reads.timer_runs = false;
    if (self->ending()) return;
    expire(self, reads);
    reading::look(self, reads);
    keep_time(self, reads);
  });
}

}  // namespace

void waiting_reads::hand_on(std::vector<frame>& to) {
  for (auto& read : batches) to.push_back(std::move(read.batch));
  batches.clear();
}

namespace reading {

bool take(role_base* self, waiting_reads& reads, const frame& f, const sender& from) {
  opened_frame opened{f};
  auto batch = opened.body<message::SubmitBatch>();
  if (from.node != self->node().id || batch.getReads() == message::Reads::LEADER) return false;
  const auto now = self->now();
  waiting_reads::waiting read{f, from, policy_of(batch), now,
                              now + std::chrono::milliseconds{batch.getTimeoutMillis()}};
  if (reads.batches.size() >= batches_max) {
    refuse_one(self, read, message::Reason::OVERLOADED,
               "too many reads wait for this replica to catch up, try again");
    return true;
  }
  reads.batches.push_back(std::move(read));
  look(self, reads);
  if (!reads.batches.empty()) probe(rare::stale_read_waited);
  keep_time(self, reads);
  return true;
}

void look(role_base* self, waiting_reads& reads) {
  if (reads.batches.empty()) return;
  self->store().fresh.reach(applied(self));
  std::erase_if(reads.batches, [&](const waiting_reads::waiting& read) {
    if (!may_answer(self, read)) return false;
    answer_one(self, read);
    return true;
  });
  if (reads.batches.empty()) return;
  ask_if_needed(self, reads);
}

void learn(role_base* self, waiting_reads& reads, message::ReadPointReply::Reader reply) {
  if (reply.getNonce() != reads.asked_nonce || reads.asked_nonce == 0) return;
  reads.asked_nonce = 0;
  self->store().fresh.learn({reads.asked, {reply.getIndex()}}, applied(self));
  look(self, reads);
}

std::vector<frame> answer(role_base* self, message::SubmitBatch::Reader batch, const sender& from,
                          std::optional<duration> age) {
  const auto has = mutant(bug::stale_index_dropped) ? log_index{} : self->store().applied;
  return execute_all(self, *self->store().state, batch, from, {{batch.getSession()}, has, age});
}

std::vector<frame> answer(role_base* self, const speculation& ahead,
                          message::SubmitBatch::Reader batch, const sender& from, log_index index) {
  return execute_all(self, ahead, batch, from, {{batch.getSession()}, index, duration{0}});
}

}  // namespace reading
}  // namespace us
