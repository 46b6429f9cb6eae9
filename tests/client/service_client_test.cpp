// A client and the seat on its node, played by the test: what is sent again, and under which
// session.
#include "actors/client/service_client.hpp"
#include "runtime/node/node_actor.hpp"
#include "tests/support/manual_node.hpp"

#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace us::test {
namespace {

/// Keeps what the client sends to its seat.
class recording_seat final : public node_actor {
 public:
  recording_seat(caf::actor_config& config, node_ptr node, std::vector<frame>* into)
      : node_actor(config, std::move(node)), into_(into) {}

 protected:
  caf::behavior make_behavior() override {
    listen_as(seat_key("things"));
    return serve({}, {}, [this](const frame& f) { into_->push_back(f); });
  }

 private:
  std::vector<frame>* into_;
};

using outcomes = std::map<std::uint64_t, outcome_kind>;

class host final : public node_actor {
 public:
  host(caf::actor_config& config, node_ptr node, std::shared_ptr<service_client>* client,
       outcomes* ended)
      : node_actor(config, std::move(node)), client_(client), ended_(ended) {}

 protected:
  caf::behavior make_behavior() override {
    const auto key = actor_key_of("host");
    listen_as(key);
    *client_ = service_client::make(
        shared_node(), handle(), key, {.service = "things"},
        [this](request_sequence s, const outcome& o) { ended_->emplace(s.value, o.kind); });
    return serve(dispatch_table{(*client_)->handlers()});
  }

 private:
  std::shared_ptr<service_client>* client_;
  outcomes* ended_;
};

class ServiceClient : public testing::Test {
 protected:
  ServiceClient() {
    seat_ = at_.system().spawn<recording_seat>(at_.node(), &frames_);
    at_.run();
    host_ = at_.system().spawn<host>(at_.node(), &client_, &ended_);
    at_.run();
  }
  ~ServiceClient() override {
    client_.reset();
    for (auto& each : {host_, seat_}) caf::anon_send_exit(each, caf::exit_reason::kill);
    at_.run();
  }

  template <class Body, class Fill>
  void answer(Fill&& fill) {
    const auto seat = seat_key("things");
    caf::anon_send(host_, make_frame<Body>({0, {at_.node()->id, seat}, actor_key_of("host"), {}},
                                           std::forward<Fill>(fill)));
    at_.run();
  }
  /// Opens the session that was asked for last.
  void open(std::uint64_t session) {
    std::uint64_t nonce = 0;
    for (const auto& f : frames_) {
      if (f.type() != capnp::typeId<message::OpenSession>()) continue;
      opened_frame opened{f};
      nonce = opened.body<message::OpenSession>().getNonce();
    }
    answer<message::SessionOpened>([&](message::SessionOpened::Builder opened) {
      opened.setNonce(nonce);
      opened.setSession(session);
    });
  }
  std::uint64_t submit(std::size_t count = 1) {
    const auto first = client_->submit(count, [](std::size_t, message::Request::Builder) {});
    at_.run();
    return first.value;
  }
  void tell(std::uint64_t session, std::uint64_t sequence, message::Outcome outcome,
            message::Reason reason) {
    answer<message::ReplyBatch>([&](message::ReplyBatch::Builder batch) {
      batch.setSession(session);
      auto reply = batch.initReplies(1)[0];
      reply.setSequence(sequence);
      reply.setOutcome(outcome);
      reply.setReason(reason);
    });
  }
  void lead(const std::string& leader) {
    answer<message::LeaderChanged>([&](message::LeaderChanged::Builder changed) {
      changed.setLeader(leader.empty() ? 0 : node_id_of(leader).value);
    });
  }
  std::size_t batches_sent() const {
    return static_cast<std::size_t>(std::count_if(frames_.begin(), frames_.end(), [](auto& f) {
      return f.type() == capnp::typeId<message::SubmitBatch>();
    }));
  }
  /// The requests that were sent under that session, sorted.
  std::vector<std::uint64_t> sent_under(std::uint64_t session) const {
    std::vector<std::uint64_t> sequences;
    for (const auto& f : frames_) {
      if (f.type() != capnp::typeId<message::SubmitBatch>()) continue;
      opened_frame opened{f};
      auto batch = opened.body<message::SubmitBatch>();
      if (batch.getSession() != session) continue;
      for (auto request : batch.getRequests()) sequences.push_back(request.getSequence());
    }
    std::sort(sequences.begin(), sequences.end());
    sequences.erase(std::unique(sequences.begin(), sequences.end()), sequences.end());
    return sequences;
  }

  manual_node at_;
  std::vector<frame> frames_;
  outcomes ended_;
  std::shared_ptr<service_client> client_;
  caf::actor seat_, host_;
};

// Two requests are under way when the session is gone. The one that was refused for it was
// certainly not executed, and goes on in a new session; of the other nothing is known: in a new
// session it could be executed twice.
TEST_F(ServiceClient, TakesOnlyWhatWasRefusedIntoANewSession) {
  open(70);
  const auto refused = submit();
  const auto unheard = submit();
  EXPECT_EQ(sent_under(70), (std::vector<std::uint64_t>{refused, unheard}));
  tell(70, refused, message::Outcome::REJECTED, message::Reason::SESSION_EXPIRED);
  open(71);
  at_.advance(std::chrono::seconds{1});
  EXPECT_EQ(sent_under(71), std::vector<std::uint64_t>{refused});
  tell(70, unheard, message::Outcome::DONE, message::Reason::NONE);
  tell(71, refused, message::Outcome::DONE, message::Reason::NONE);
  EXPECT_EQ(ended_, (outcomes{{refused, outcome_kind::done}, {unheard, outcome_kind::done}}));
}

// It was sent twice: a copy may have been executed before the session went.
TEST_F(ServiceClient, SaysUnknownWhenARetriedRequestFindsItsSessionExpired) {
  open(70);
  const auto request = submit();
  at_.advance(std::chrono::seconds{2});  // no answer: it is sent again
  tell(70, request, message::Outcome::REJECTED, message::Reason::SESSION_EXPIRED);
  EXPECT_EQ(ended_, (outcomes{{request, outcome_kind::unknown}}));
}

// Found with full disks of all nodes, now and then: a client of an idle follower asked who leads
// beside its request, sent that again when it heard, and took no refusal for final.
TEST_F(ServiceClient, SendsNothingAgainToTheSameLeader) {
  open(70);
  lead("b");
  const auto refused = submit();
  lead("b");
  EXPECT_EQ(batches_sent(), 1u);
  tell(70, refused, message::Outcome::REJECTED, message::Reason::DISK_FULL);
  EXPECT_EQ(ended_, (outcomes{{refused, outcome_kind::rejected}}));
  const auto moved = submit();
  lead("c");
  EXPECT_EQ(batches_sent(), 3u) << "to the next one";
  tell(70, moved, message::Outcome::REJECTED, message::Reason::DISK_FULL);
  EXPECT_EQ(ended_.count(moved), 0u) << "the other copy may be executed yet";
  lead("");
  lead("c");
  EXPECT_EQ(batches_sent(), 4u) << "it was away meanwhile";
}

// Of one batch a request is rejected and another redirected: the next leader must not execute what
// its user was told is not done.
TEST_F(ServiceClient, SendsNothingAgainThatWasRejected) {
  open(70);
  lead("b");
  const auto refused = submit(2);
  tell(70, refused, message::Outcome::REJECTED, message::Reason::DISK_FULL);
  ASSERT_EQ(ended_, (outcomes{{refused, outcome_kind::rejected}}));
  frames_.clear();
  lead("c");
  EXPECT_EQ(sent_under(70), std::vector{refused + 1});
}

}  // namespace
}  // namespace us::test
