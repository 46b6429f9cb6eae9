#include "actors/leader_follower/turn.hpp"

#include "runtime/mutants.hpp"
#include "runtime/probe.hpp"

#include <kj/exception.h>

#include <algorithm>
#include <exception>

namespace us {

namespace {

constexpr std::uint64_t sessions_a_turn_max = 0xffff;

}  // namespace

gated_reply turn::execute(message::SubmitBatch::Reader batch, const sender& from, us::epoch epoch,
                          log_index next, turn_limits limits,
                          const std::function<log_index()>& end_entry) {
  const session_id session{batch.getSession()};
  const request_sequence first_open{batch.getFirstOpen()};
  auto requests = batch.getRequests();
  std::vector<answer> answers;
  answers.reserve(requests.size());
  const auto outcomes_before = outcomes_added_;
  const auto when = when_of(batch);
  const bool known = ahead_.knows(session);
  const auto answered_below = ahead_.first_open(session);
  for (auto request : requests) {
    const request_sequence sequence{request.getSequence()};
    if (!known)
      answers.push_back(
          {sequence, message::Outcome::REJECTED, message::Reason::SESSION_EXPIRED, {}, {}});
    else if (sequence < answered_below && !mutant(bug::late_request_executed))
      probe(rare::came_late);  // its client has the answer
    else {
      const auto before = bytes_;
      answers.push_back(execute_one(session, request, next, limits, when));
      limits.room -= std::min(limits.room, bytes_ - before);
      limits.answers_bytes -= std::min(limits.answers_bytes, answers.back().bytes().size());
      if (bytes_ >= limits.entry_bytes) next = end_entry();
    }
  }
  if (known && outcomes_added_ > outcomes_before && first_open > answered_below)
    ahead_.add(session_mark{session, first_open}, next);
  // What these requests have seen must be committed before they are answered; but for what their
  // handlers rejected, refusals saw nothing.
  const bool saw = std::any_of(answers.begin(), answers.end(), [](const answer& a) {
    return a.outcome == message::Outcome::DONE || a.reason == message::Reason::FAILED;
  });
  const auto gate = saw ? gate_of(answers, next) : log_index{};
  const bool writes =
      std::any_of(answers.begin(), answers.end(), [](auto& a) { return a.held != nullptr; });
  // What is only read is there for every follower already, or waits for its own write's answer.
  const auto gated = when == acknowledgement::all && !writes ? acknowledgement::quorum : when;
  return {gate, 0, from.where(),
          encode_answers({node_.id, group_.seat}, from, epoch, {session, gate, {}}, answers,
                         group_.limits.entry_bytes),
          gated};
}

log_index turn::gate_of(const std::vector<answer>& answers, log_index next) const {
  auto seen = std::max(ahead_.commit(), log_index{1});  // never nothing: leaders have a first entry
  for (const auto& a : answers) {
    const bool executed =
        a.outcome == message::Outcome::DONE || a.reason == message::Reason::FAILED;
    if (executed && !a.needs) return empty() ? next.previous() : next;
    if (executed) seen = std::max(seen, *a.needs);
  }
  return seen;
}

acknowledgement turn::when_of(message::SubmitBatch::Reader batch) const {
  switch (batch.getAcknowledge()) {
    case message::Acknowledge::SERVICE: return group_.acknowledge.when;
    case message::Acknowledge::ASYNC: return acknowledgement::async;
    case message::Acknowledge::QUORUM: return acknowledgement::quorum;
    case message::Acknowledge::ALL: return acknowledgement::all;
  }
  return acknowledgement::all;  // a newer program's, that may promise more
}

turn::answer turn::execute_one(session_id session, message::Request::Reader request, log_index next,
                               const turn_limits& limits, acknowledgement when) {
  const request_sequence sequence{request.getSequence()};
  const auto* reply = mutant(bug::retry_executed) ? nullptr : ahead_.find(session, sequence);
  if (reply != nullptr)
    probe(ahead_.committed_reply(session, sequence) ? rare::retry_answered
                                                    : rare::retry_before_commit);
  if (reply != nullptr)
    return {sequence, message::Outcome::DONE, message::Reason::NONE, {}, {}, reply};
  const auto* refused =
      mutant(bug::refused_copy_executed) ? nullptr : ahead_.refused().find(session, sequence);
  if (refused != nullptr)
    return {sequence, message::Outcome::REJECTED, refused->reason, refused->text, {}};
  if (limits.stopping)
    return {sequence, message::Outcome::REDIRECTED, message::Reason::STOPPING, {}, {}};
  if (limits.overloaded())
    return refuse(session, sequence, message::Reason::OVERLOADED,
                  "too many requests wait for their commit, try again");
  if (limits.answers_bytes == 0)
    return refuse(session, sequence, message::Reason::OVERLOADED, answers_too_long);
  const auto* type = group_.service.find(request.getType());
  if (type == nullptr)
    return refuse(session, sequence, message::Reason::UNKNOWN_TYPE,
                  "service " + group_.service.name() + " has no such request");
  return run(*type, session, request, next, limits, when);
}

turn::answer turn::refuse(session_id session, request_sequence sequence, message::Reason reason,
                          std::string text) {
  ahead_.refused().add(session, sequence, {reason, text});
  return {sequence, message::Outcome::REJECTED, reason, std::move(text), {}};
}

turn::answer turn::run(const service::request_type& type, session_id session,
                       message::Request::Reader request, log_index next, const turn_limits& limits,
                       acknowledgement when) {
  const request_sequence sequence{request.getSequence()};
  transaction view{ahead_, node_.ports.clock->wall_ms(), group_.partition};
  std::string bytes;
  std::optional<small_message_builder> body;  // for the loss journal
  try {
    small_message_builder reply;
    type.run(view, request.getBody(), reply);
    bytes = to_bytes(reply);
    if (when == acknowledgement::async && view.changed())
      body.emplace().getRoot<capnp::AnyPointer>().set(request.getBody());
  } catch (const state_failure&) {
    throw;  // not the request's fault: the replica has to be opened anew
  } catch (const kj::Exception& e) {
    return refuse(session, sequence, message::Reason::MALFORMED, e.getDescription().cStr());
  } catch (const std::exception& e) {
    return refuse(session, sequence, message::Reason::FAILED, e.what());
  }
  const auto body_bytes = body ? size_in_bytes(*body) : 0;
  const auto whole = view.bytes() + bytes.size() + body_bytes;
  if (whole > limits.request_bytes)
    return refuse(session, sequence, message::Reason::FAILED,
                  outcome_too_long(whole, limits.request_bytes));
  // What changed nothing this time might if it is executed once more, by a retry that is under way
  // while its client takes this answer. So its outcome is kept too, unless it only reads.
  const bool repeatable =
      !view.changed() && (view.reads_only() || mutant(bug::refusal_not_remembered));
  if (repeatable)
    return {sequence,   message::Outcome::DONE, message::Reason::NONE,
            {},         std::move(bytes),       nullptr,
            view.seen()};
  if (limits.disk_full)
    return refuse(session, sequence, message::Reason::DISK_FULL,
                  "no space left on the leader's disk, free some: reads go on");
  if (!view.changed()) probe(rare::refusal_kept);
  const auto changes = keep(view.take(), next);
  if (body) {
    bytes_ += body_bytes;
    ahead_.add({outcomes(), changes.first, changes.second, request.getType()}, *body, next);
  }
  bytes_ += bytes.size();
  const auto* held = ahead_.add(request_outcome{session, sequence, std::move(bytes)}, next);
  ++outcomes_added_;
  return {sequence, message::Outcome::DONE, message::Reason::NONE, {}, {}, held};
}

std::size_t turn::outcomes() const {
  return empty() ? 0 : ahead_.being_made()->outcomes.size();
}

std::pair<std::size_t, std::size_t> turn::keep(std::vector<change> changes, log_index next) {
  const auto before = empty() ? 0 : ahead_.being_made()->changes.size();
  for (auto& c : changes) {
    bytes_ += c.key.size() + c.value.size() + 32;
    ahead_.add(std::move(c), next);
  }
  return {before, before + changes.size()};
}

gated_reply turn::open_session(message::OpenSession::Reader request, const sender& from,
                               us::epoch epoch, log_index next) {
  // Unique among committed sessions: no two committed entries share an index. A turn that opens
  // more than fit below the index has their clients ask again.
  if (sessions_opened_ == sessions_a_turn_max) return {};
  const session_id session{(next.value << 16) | ++sessions_opened_};
  ahead_.add(session_mark{session, {1}}, next);
  auto answer = make_frame<message::SessionOpened>(
      {0, {node_.id, group_.seat}, from.actor, epoch},
      [&](message::SessionOpened::Builder opened) {
        opened.setNonce(request.getNonce());
        opened.setSession(session.value);
      },
      8);
  // Whatever the mode: a session that were lost would take its requests' identities along.
  return {next, 0, from.where(), {std::move(answer)}, acknowledgement::quorum};
}

std::string turn::upkeep(const service::upkeep& work, log_index next, const turn_limits& limits) {
  transaction view{ahead_, node_.ports.clock->wall_ms(), group_.partition};
  try {
    work.run(view);
  } catch (const state_failure&) {
    throw;
  } catch (const kj::Exception& e) {
    return e.getDescription().cStr();
  } catch (const std::exception& e) {
    return e.what();
  }
  if (view.bytes() > limits.request_bytes)
    return outcome_too_long(view.bytes(), limits.request_bytes);
  keep(view.take(), next);
  return {};
}

const entry_content& turn::take() {
  bytes_ = 0;
  sessions_opened_ = 0;
  return ahead_.close(node_.ports.clock->wall_ms(), node_.id);
}

}  // namespace us
