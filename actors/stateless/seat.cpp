#include "actors/stateless/seat.hpp"

#include "actors/client/service_client.hpp"
#include "actors/stateless/no_records.hpp"

#include <caf/actor_system.hpp>
#include <kj/exception.h>

#include <exception>
#include <utility>

namespace us {

namespace {

using namespace std::chrono_literals;
using standing = answer_table::standing;

constexpr std::size_t routers_max = 1024;
/// A router that was not heard for so long is gone, or will open a new session.
constexpr duration router_silence_max = 10s;

answer_table::answer refusal(message::Reason reason, std::string text) {
  return {message::Outcome::REJECTED, reason, std::move(text), {}};
}

}  // namespace

caf::actor spawn_stateless_seat(caf::actor_system& system, const node_ptr& node, service of) {
  return system.spawn<stateless_seat>(node, std::move(of));
}

stateless_seat::stateless_seat(caf::actor_config& config, node_ptr node, service of)
    : node_actor(config, std::move(node)),
      service_(std::move(of)),
      answers_(this->node().ports.random->next()) {
  set_exit_handler([this](const caf::exit_msg& exit) { stop(exit); });
}

void stateless_seat::on_exit() {
  node_actor::on_exit();
  routers_.clear();
}

caf::behavior stateless_seat::make_behavior() {
  listen_as(seat_key(service_.name()));
  for (std::size_t i = 0; i < service_.upkeeps().size(); ++i) start_upkeep(i);
  return serve(dispatch_table{
      {on<message::SubmitBatch>(
           [this](auto batch, const us::sender& from) { execute(batch, from); }),
       on<message::HealthCheck>([this](auto asked, const us::sender& from) { check(asked, from); }),
       on<message::OpenSession>([this](auto request, const us::sender& from) {
         if (draining_) return;
         const auto session = answers_.open();
         (void)send_frame<message::SessionOpened>(
             from.where(), {},
             [&](message::SessionOpened::Builder opened) {
               opened.setNonce(request.getNonce());
               opened.setSession(session.value);
             },
             8);
       }),
       on<message::WatchLeader>([this](auto, const us::sender& from) {
         if (from.node != node().id) return;
         (void)send_frame<message::LeaderChanged>(
             from.where(), {}, [this](auto changed) { changed.setLeader(node().id.value); }, 8);
       }),
       on<message::StatusRequest>([this](auto, const us::sender& from) { report(from); }),
       on<message::DrainNoted>([this](auto, const us::sender& from) {
         to_note_.erase(from.where());
         if (draining_ && to_note_.empty()) drained();
       })}});
}

void stateless_seat::execute(message::SubmitBatch::Reader batch, const us::sender& from) {
  const session_id session{batch.getSession()};
  answers_.advance(session, {batch.getFirstOpen()});
  replies all;
  all.reserve(batch.getRequests().size());
  for (auto request : batch.getRequests()) execute_one(session, request, all);
  if (!all.empty()) send_replies(from, session, all);
}

void stateless_seat::execute_one(session_id session, message::Request::Reader request,
                                 replies& into) {
  const request_sequence sequence{request.getSequence()};
  switch (answers_.look(session, sequence)) {
    case standing::late:
    case standing::under_way: return;
    case standing::answered: return into.push_back({sequence, *answers_.find(session, sequence)});
    case standing::no_session:
      return into.push_back(
          {sequence, refusal(message::Reason::SESSION_EXPIRED, "this node started anew")});
    case standing::crowded:
      return into.push_back({sequence, refusal(message::Reason::OVERLOADED,
                                               "too many requests wait for an outcome")});
    case standing::fresh: break;
  }
  const auto* type = service_.find(request.getType());
  auto what = stopped_          ? refusal(message::Reason::STOPPING, "this node stops")
              : type == nullptr ? refusal(message::Reason::UNKNOWN_TYPE,
                                          "service " + service_.name() + " has no such request")
                                : run(*type, request);
  // What was refused stays refused too: a copy that comes late must not be executed after all.
  if (type != nullptr && !type->idempotent) answers_.end(session, sequence, what);
  into.push_back({sequence, std::move(what)});
}

answer_table::answer stateless_seat::run(const service::request_type& type,
                                         message::Request::Reader request) {
  no_records view{node().ports.clock->wall_ms()};
  small_message_builder reply;
  try {
    type.run(view, request.getBody(), reply);
  } catch (const kj::Exception& e) {
    return refusal(message::Reason::MALFORMED, e.getDescription().cStr());
  } catch (const std::exception& e) {
    return refusal(message::Reason::FAILED, e.what());
  }
  return {message::Outcome::DONE, message::Reason::NONE, {}, to_bytes(reply)};
}

void stateless_seat::send_replies(const us::sender& to, session_id session, const replies& all) {
  std::size_t words = 8;
  for (const auto& each : all) words += words_of(each.what);
  (void)send_frame<message::ReplyBatch>(
      to.where(), {},
      [&](message::ReplyBatch::Builder batch) {
        batch.setSession(session.value);
        auto list = batch.initReplies(static_cast<unsigned>(all.size()));
        for (unsigned i = 0; i < list.size(); ++i) fill(list[i], all[i].sequence, all[i].what);
      },
      words);
}

void stateless_seat::check(message::HealthCheck::Reader check, const us::sender& from) {
  if (routers_.size() < routers_max || routers_.contains(from.where()))
    routers_[from.where()] = now();
  (void)send_frame<message::HealthReply>(
      from.where(), {},
      [&](message::HealthReply::Builder reply) {
        reply.setNonce(check.getNonce());
        reply.setSessionKnown(answers_.knows({check.getSession()}));
        reply.setDraining(draining_);
      },
      8);
}

void stateless_seat::report(const us::sender& to) {
  (void)send_frame<message::ServiceStatus>(
      to.where(), {},
      [this](message::ServiceStatus::Builder status) {
        status.setName(service_.name());
        status.setRole(draining_ ? "draining" : "active");
      },
      64);
}

void stateless_seat::start_upkeep(std::size_t which) {
  after(service_.upkeeps()[which].interval, [this, which] {
    no_records view{node().ports.clock->wall_ms()};
    service_.upkeeps()[which].run(view);
    start_upkeep(which);
  });
}

// -- draining

void stateless_seat::stop(const caf::exit_msg& exit) {
  if (exit.reason == caf::exit_reason::kill) return quit(exit.reason);
  if (std::exchange(draining_, true)) return;
  for (const auto& [router, heard] : routers_) {
    if (now() - heard > router_silence_max) continue;
    to_note_.insert(router);
    (void)send_frame<message::Draining>(
        router, {}, [](auto) {}, 4);
  }
  if (to_note_.empty()) return drained();
  after(drain_max, [this] { drained(); });
}

/// What is in the mailbox now is answered, even if only with a refusal; then it ends.
void stateless_seat::drained() {
  if (std::exchange(stopped_, true)) return;
  at_end_of_turn([this] { quit(); });
}

}  // namespace us
