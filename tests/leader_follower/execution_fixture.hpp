#pragma once
/// A leader's turn and what it executes ahead, without actors.

#include "actors/leader_follower/turn.hpp"
#include "runtime/state/memory_state.hpp"
#include "tests/leader_follower/fake_log.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "tests/leader_follower/test_schema.capnp.h"

namespace us {

class fixed_clock final : public clock {
 public:
  time_point now() const override { return {}; }
  std::int64_t wall_ms() const override { return 1'000; }
  void after(duration, caf::actor, task) override {}
};

inline service register_service() {
  service s{"register"};
  s.on<test::Write, test::Register>(
      [](test::Write::Reader w) { return w.getKey(); },
      [](record<test::Register>& r, test::Write::Reader w, test::Register::Builder reply) {
        r.edit().setValue(w.getValue());
        reply.setValue(w.getValue());
      });
  s.on<test::Read, test::Register>(
      [](test::Read::Reader q) { return q.getKey(); },
      [](record<test::Register>& r, test::Read::Reader, test::Register::Builder reply) {
        r.only_reads();
        reply.setValue(r.read().getValue());
      });
  s.on<test::AppendOnce, test::Register>(  // here: writes where nothing is
      [](test::AppendOnce::Reader w) { return w.getKey(); },
      [](record<test::Register>& r, test::AppendOnce::Reader w, test::Register::Builder reply) {
        if (!r.exists()) r.edit().setValue(w.getItem());
        reply.setValue(r.read().getValue());
      });
  s.on<test::Erase, test::Register>(
      [](test::Erase::Reader w) { return w.getKey(); },
      [](record<test::Register>& r, test::Erase::Reader, test::Register::Builder) { r.erase(); });
  s.on<test::Fail, test::Register>(
      [](test::Fail::Reader q) { return q.getKey(); },
      [](record<test::Register>& r, test::Fail::Reader, test::Register::Builder) {
        r.edit().setValue(666);
        throw rejected{"not today"};
      });
  return s;
}

class Execution : public ::testing::Test {
 protected:
  Execution() {
    store.log = std::make_unique<test::fake_log>();
    store.state = make_memory_state();
    node.ports.clock = std::make_shared<fixed_clock>();
    node.id = node_id_of("a");
    ahead.emplace(store);
    now.emplace(node, of, *ahead);
  }

  log_index next() const { return store.log->last_index().next(); }

  session_id open() {
    auto request = make_frame<message::OpenSession>({}, [](auto b) { b.setNonce(7); });
    opened_frame opened{request};
    auto gated = now->open_session(opened.body<message::OpenSession>(), from, {1}, next());
    opened_frame answer{gated.answer.at(0)};
    return {answer.body<message::SessionOpened>().getSession()};
  }

  /// As the leader does when an entry is long enough.
  std::function<log_index()> end_entry() {
    return [this] {
      ++entries_ended;
      store.append(encode_entry(next(), {1}, now->take()));
      return next();
    };
  }

  template <class Body, class Fill>
  gated_reply submit(session_id session, std::uint64_t sequence, std::uint64_t first_open,
                     Fill fill, turn_limits limits = {}) {
    auto f = make_frame<message::SubmitBatch>({}, [&](message::SubmitBatch::Builder b) {
      b.setSession(session.value);
      b.setFirstOpen(first_open);
      b.setAcknowledge(when);
      auto r = b.initRequests(1)[0];
      r.setSequence(sequence);
      r.setType(capnp::typeId<Body>());
      fill(r.getBody().template initAs<Body>());
    });
    opened_frame opened{f};
    return now->execute(opened.body<message::SubmitBatch>(), from, {1}, next(), limits,
                        end_entry());
  }
  gated_reply write(session_id session, std::uint64_t sequence, std::uint64_t value,
                    std::uint64_t first_open = 1, turn_limits limits = {}) {
    return submit<test::Write>(
        session, sequence, first_open,
        [&](test::Write::Builder w) {
          w.setKey("x");
          w.setValue(value);
        },
        limits);
  }
  gated_reply write_if_absent(session_id session, std::uint64_t sequence, std::uint64_t value) {
    return submit<test::AppendOnce>(session, sequence, 1, [&](test::AppendOnce::Builder w) {
      w.setKey("x");
      w.setItem(value);
    });
  }
  gated_reply erase(session_id session, std::uint64_t sequence) {
    return submit<test::Erase>(session, sequence, 1, [](test::Erase::Builder e) { e.setKey("x"); });
  }
  gated_reply read(session_id session, std::uint64_t sequence) {
    return submit<test::Read>(session, sequence, 1, [](test::Read::Builder r) { r.setKey("x"); });
  }

  /// The only reply of an answer, as "done 5", "rejected <reason number>" or "nothing".
  static std::string text(const gated_reply& gated) {
    opened_frame opened{gated.answer.at(0)};
    auto replies = opened.body<message::ReplyBatch>().getReplies();
    if (replies.size() == 0) return "nothing";
    auto reply = replies[0];
    if (reply.getOutcome() != message::Outcome::DONE)
      return (reply.getOutcome() == message::Outcome::REDIRECTED ? "redirected " : "rejected ") +
             std::to_string(static_cast<int>(reply.getReason()));
    std::string body{reinterpret_cast<const char*>(reply.getBody().begin()),
                     reply.getBody().size()};
    capnp::FlatArrayMessageReader reader{as_words(body)};
    return "done " + std::to_string(reader.getRoot<test::Register>().getValue());
  }

  /// Ends the turn as the leader does, and commits it when `commit`.
  void end_turn(bool commit) {
    store.append(encode_entry(next(), {1}, now->take()));
    if (commit)
      store.commit_up_to(store.log->last_index(),
                         [&](const log_entry& e) { ahead->committed(e.index); });
    store.check_invariants();
  }

  int entries_ended = 0;
  message::Acknowledge when = message::Acknowledge::SERVICE;
  replica_store store;
  node_context node;
  group of{.service = register_service(),
           .partition = {},
           .name = "register",
           .directory = "register/log",
           .seat = {9},
           .monitor = {},
           .limits = {}};
  sender from{node_id_of("a"), {5}, {1}};
  std::optional<speculation> ahead;
  std::optional<turn> now;
};

}  // namespace us
