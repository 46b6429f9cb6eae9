// The admin interface before a seat that answers as the test says.
#include "actors/app/admin_actor.hpp"
#include "actors/app/admin_api.hpp"
#include "actors/app/gateway.hpp"
#include "runtime/live/live_clock.hpp"
#include "runtime/live/live_random.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/send.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "messages/leader_follower.capnp.h"
#include "messages/members.capnp.h"
#include "messages/request.capnp.h"
#include "messages/status.capnp.h"
#include "tests/app/json_test.capnp.h"

namespace {

using json_test::Everything;
using testing::HasSubstr;

const std::string leaders = "/api/v1/leaders/";

struct silent_log final : us::log_sink {
  void write(us::severity, std::string_view, std::initializer_list<us::log_field>) override {}
};

/// What the seat says to every request.
struct script {
  std::string role = "leader";
  std::string leader = "a";
  us::message::Outcome outcome = us::message::Outcome::DONE;
  bool silent = false;
  us::message::Acknowledge asked = us::message::Acknowledge::SERVICE;  ///< of the newest request
  us::message::Reads reads = us::message::Reads::LEADER;
  std::uint64_t stale_us = 0, after = 0;
  std::string transfer_refused;
  bool successor_leads = true;  ///< after a transfer
  /// Of changes of members; nothing: it has no members.
  std::optional<us::message::MembersReply::Outcome> change;
  std::string added;  ///< a member, if not empty
};

class fake_seat final : public us::node_actor {
 public:
  fake_seat(caf::actor_config& config, us::node_ptr node, std::shared_ptr<script> says)
      : node_actor(config, std::move(node)), says_(std::move(says)) {}

  caf::behavior make_behavior() override {
    listen_as(us::seat_key("things"));
    us::dispatch_table table{{
        us::on<us::message::StatusRequest>([this](auto, const us::sender& from) { tell(from); }),
        us::on<us::message::OpenSession>(
            [this](us::message::OpenSession::Reader open, const us::sender& from) {
              send_frame<us::message::SessionOpened>(from.where(), {}, [&](auto opened) {
                opened.setNonce(open.getNonce());
                opened.setSession(7);
              });
            }),
        us::on<us::message::SubmitBatch>([this](us::message::SubmitBatch::Reader batch,
                                                const us::sender& from) { answer(batch, from); }),
        us::on<us::message::WatchLeader>(
            [this](auto, const us::sender& from) { tell_leader(from, us::node_id_of("b")); }),
        us::on<us::message::TransferRequest>([this](auto request, const us::sender& from) {
          send_frame<us::message::TransferAnswer>(from.where(), {}, [&](auto answer) {
            answer.setNumber(request.getNumber());
            answer.setBegun(says_->transfer_refused.empty());
            answer.setWhy(says_->transfer_refused);
          });
          if (says_->successor_leads) tell_leader(from, {request.getNode()});
        }),
        us::on<us::message::MembersRequest>(
            [this](us::message::MembersRequest::Reader request, const us::sender& from) {
              send_frame<us::message::MembersReply>(from.where(), {}, [&](auto answer) {
                answer.setNonce(request.getNonce());
                answer.setOutcome(*says_->change);
                answer.setText(std::string{request.getNode()} + " at " +
                               std::string{request.getAddress()});
              });
            }),
    }};
    return serve(std::move(table));
  }

 private:
  void tell_leader(const us::sender& from, us::node_id leader) {
    send_frame<us::message::LeaderChanged>(from.where(), us::epoch{4},
                                           [&](auto changed) { changed.setLeader(leader.value); });
  }

  void tell(const us::sender& from) {
    if (says_->silent) return;
    send_frame<us::message::ServiceStatus>(from.where(), {}, [this](auto status) {
      status.setName("things");
      status.setRole(says_->role);
      status.setEpoch(3);
      status.setLeader(says_->leader);
      status.setCommitIndex(9);
      status.setAppliedIndex(9);
      status.setLastIndex(10);
      auto replicas = status.initReplicas(1);
      replicas[0].setNode("b");
      replicas[0].setMatchIndex(8);
      replicas[0].setLagEntries(2);
      if (says_->change) status.initMembers(1)[0].setName("a");
      if (!says_->added.empty()) status.initMembers(1)[0].setName(says_->added);
    });
  }

  // The reply carries the request's own text.
  void answer(us::message::SubmitBatch::Reader batch, const us::sender& from) {
    says_->asked = batch.getAcknowledge();
    says_->reads = batch.getReads();
    says_->stale_us = batch.getStaleMicros();
    says_->after = batch.getAfter();
    auto asked = batch.getRequests()[0];
    capnp::MallocMessageBuilder memory;
    auto made = memory.initRoot<Everything>();
    made.setText(asked.getBody().getAs<Everything>().getText());
    made.setSigned(-1);
    auto bytes = us::to_bytes(memory);
    send_frame<us::message::ReplyBatch>(from.where(), {}, [&](auto replies) {
      replies.setSession(batch.getSession());
      replies.setIndex(42);
      replies.setAgeKnown(batch.getReads() == us::message::Reads::BOUNDED);
      replies.setAgeMicros(1500);
      auto reply = replies.initReplies(1)[0];
      reply.setSequence(asked.getSequence());
      reply.setOutcome(says_->outcome);
      reply.setReason(says_->outcome == us::message::Outcome::DONE
                          ? us::message::Reason::NONE
                          : us::message::Reason::DISK_FULL);
      reply.setText(says_->outcome == us::message::Outcome::DONE ? "" : "no space left");
      reply.setBody({reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()});
    });
  }

  std::shared_ptr<script> says_;
};

us::service things() {
  us::service s{"things"};
  s.on<Everything, Everything>(
      [](Everything::Reader request) { return request.getText(); },
      [](us::record<Everything>&, Everything::Reader, Everything::Builder) {});
  return s;
}

struct AdminApi : testing::Test {
  caf::actor_system_config config;
  caf::actor_system system{config};
  std::shared_ptr<us::member_table> members = std::make_shared<us::member_table>();
  std::shared_ptr<script> says = std::make_shared<script>();
  us::node_ptr node = make_node();
  std::vector<caf::actor> actors{
      system.spawn<fake_seat>(node, says), us::spawn_gateway(system, node, "things"),
      us::spawn_admin(system, node, {us::shown_service{"things"}}, members)};
  us::admin_api api{node, {things()}};

  us::node_ptr make_node() {
    auto made = std::make_shared<us::node_context>();
    made->cluster = "demo";
    made->name = "a";
    made->id = us::node_id_of("a");
    made->members = {{us::node_id_of("a"), "a"}, {us::node_id_of("b"), "b"}};
    made->timing.request_timeout = std::chrono::milliseconds{200};
    made->ports.clock = std::make_shared<us::live_clock>(system);
    made->ports.random = std::make_shared<us::live_random>();
    made->ports.log = std::make_shared<silent_log>();
    made->metrics = std::make_shared<us::metrics>();
    made->directory = std::make_shared<us::directory>();
    return made;
  }

  // An actor is listed in its first turn.
  void SetUp() override {
    for (auto key : {us::seat_key("things"), us::gateway_key("things"), us::admin_key()})
      while (!node->directory->find(key)) std::this_thread::yield();
  }

  void TearDown() override {
    for (auto& actor : actors) caf::anon_send_exit(actor, caf::exit_reason::kill);
    actors.clear();
  }

  us::http_response get(std::string path) { return api.answer({"GET", std::move(path), ""}); }
  us::http_response post(std::string path, std::string body) {
    return api.answer({"POST", "/api/v1/services/" + std::move(path), std::move(body)});
  }
};

TEST_F(AdminApi, TellsTheStatusAsTheDesignHasIt) {
  auto response = get("/api/v1/status");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.type, "application/json");
  auto body = response.body;
  auto uptime = body.find(",\"uptime_ms\":");
  ASSERT_NE(uptime, std::string::npos) << body;
  EXPECT_EQ(
      body.substr(0, uptime),
      "{\"node\":\"a\",\"cluster\":\"demo\",\"nodes\":["
      "{\"name\":\"a\",\"state\":\"alive\",\"last_heard_ms\":0},"
      "{\"name\":\"b\",\"state\":\"unknown\",\"last_heard_ms\":-1}],"
      "\"services\":[{\"name\":\"things\",\"role\":\"leader\",\"epoch\":3,\"leader\":\"a\","
      "\"commit_index\":9,\"applied_index\":9,\"last_index\":10,\"records\":0,"
      "\"replicas\":[{\"node\":\"b\",\"match_index\":8,\"lag_entries\":2,\"snapshot_percent\":0,"
      "\"in_sync\":false,\"lag_ms\":0,\"recovering\":false}],\"log_bytes\":0,\"log_first_index\":0,"
      "\"snapshot_index\":0,"
      "\"losses\":0,\"losses_unacknowledged\":0,\"losses_dropped\":0,"
      "\"members\":[],\"members_committed\":false,\"sync_interval_ms\":0,\"partition\":0,"
      "\"partitions\":1,\"led\":0,\"leaderless\":0}],\"version\":\"" +
          std::string{us::version()} + "\"");
}

TEST_F(AdminApi, LeavesOutASeatThatIsSilent) {
  says->silent = true;
  auto response = get("/api/v1/status");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, HasSubstr("\"role\":\"unknown\",\"epoch\":0,\"leader\":\"\""));
  EXPECT_THAT(response.body, HasSubstr("\"replicas\":[]"));
}

TEST_F(AdminApi, IsReadyWhenALeaderIsKnownAndTheReplicaServes) {
  EXPECT_EQ(get("/readyz").status, 200);
  says->leader = "";
  EXPECT_EQ(get("/readyz").status, 503);
  EXPECT_EQ(get("/readyz").body, "{\"error\":\"things: no leader is known\"}");
  says->leader = "a";
  says->role = "candidate";
  EXPECT_EQ(get("/readyz").body, "{\"error\":\"things: this replica is candidate\"}");
}

TEST_F(AdminApi, IsHealthyWhileTheLoopTurns) {
  EXPECT_EQ(get("/healthz").status, 200);
  caf::anon_send_exit(actors.back(), caf::exit_reason::kill);
  while (node->directory->find(us::admin_key())) std::this_thread::yield();
  EXPECT_EQ(get("/healthz").status, 503);
  EXPECT_EQ(get("/api/v1/status").status, 503);
}

TEST_F(AdminApi, ServesMetricsAndThePage) {
  node->metrics->make_counter("understudy_test_total", "A test").add();
  EXPECT_THAT(get("/metrics").body, HasSubstr("understudy_test_total 1"));
  EXPECT_THAT(get("/").body, HasSubstr("<!doctype html>"));
  EXPECT_EQ(get("/").body.find("https://"), std::string::npos);
}

TEST_F(AdminApi, AsksTheLeaderToHandOver) {
  const auto lead = [&](const std::string& service, const std::string& body) {
    return api.answer({"POST", leaders + service, body});
  };
  says->transfer_refused = "b is not heard";
  auto refused = lead("things", R"({"node":"a"})");
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.body, R"({"outcome":"rejected","reason":"refused","text":"b is not heard"})");
  says->transfer_refused.clear();
  auto done = lead("things", R"({"node":"a"})");
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(done.body, R"({"outcome":"done","text":"a leads things in epoch 4, after a"})");
  says->successor_leads = false;
  auto late = lead("things", R"({"node":"a"})");
  EXPECT_EQ(late.status, 504);
  EXPECT_THAT(late.body, HasSubstr("a did not take over: b leads things"));
  auto nobody = lead("things", R"({"node":"x"})");
  EXPECT_EQ(nobody.status, 400);
  EXPECT_THAT(nobody.body, HasSubstr("there is no node x"));
  EXPECT_EQ(lead("things", R"({"nod":"a"})").status, 400);
  EXPECT_EQ(lead("others", R"({"node":"a"})").status, 404);
}

TEST_F(AdminApi, LetsAMemberLeadThatTheConfigurationDoesNotName) {
  const auto lead = [&] { return api.answer({"POST", leaders + "things", R"({"node":"d"})"}); };
  EXPECT_EQ(lead().status, 400) << "no member has that name";
  says->added = "d";
  auto done = lead();
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(done.body, R"({"outcome":"done","text":"d leads things in epoch 4, after a"})");
  says->successor_leads = false;
  EXPECT_THAT(lead().body, HasSubstr("d did not take over: b leads things"));
}

TEST_F(AdminApi, ChangesMembers) {
  const std::string add = R"({"action":"add","node":"d","address":"127.0.0.1:7104"})";
  EXPECT_EQ(post("things/members", add).status, 409) << "it has none";
  says->change = us::message::MembersReply::Outcome::DONE;
  auto response = post("things/members", add);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"outcome":"done","text":"d at 127.0.0.1:7104"})");
  says->change = us::message::MembersReply::Outcome::REFUSED;
  EXPECT_EQ(post("things/members", R"({"action":"promote","node":"d"})").status, 409);
  EXPECT_EQ(post("things/members", R"({"action":"promote"})").status, 400);
  EXPECT_EQ(post("things/members", R"({"action":"add","node":"d","address":"nowhere"})").status,
            400);
  EXPECT_EQ(post("nothing/members", add).status, 404);
}

// Asked again until the timeout: every answer says that it is not done, so that is certain.
TEST_F(AdminApi, TellsAChangeThatIsNotDoneInTimeFromOneThatMayBe) {
  says->change = us::message::MembersReply::Outcome::LATER;
  auto response = post("things/members", R"({"action":"remove","node":"b"})");
  EXPECT_EQ(response.status, 409) << response.body;
  EXPECT_THAT(response.body, HasSubstr("not done in time"));
}

TEST_F(AdminApi, ExecutesARequestGivenAsJson) {
  auto response = post("things/Everything", R"({"text":"hello"})");
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_THAT(response.body, HasSubstr("\"text\":\"hello\""));
  EXPECT_THAT(response.body, HasSubstr("\"signed\":-1"));
}

TEST_F(AdminApi, ExecutesARequestInTheModeThatItAsksFor) {
  const auto ask = [&](const std::string& mode) {
    return api.answer({"POST",
                       "/api/v1/services/things/Everything",
                       R"({"text":"hello"})",
                       {{"acknowledge", mode}}});
  };
  EXPECT_EQ(ask("async").status, 400) << "it has no leader's replicas";
  says->change = us::message::MembersReply::Outcome::DONE;  // now it has
  EXPECT_EQ(ask("async").status, 200);
  EXPECT_EQ(says->asked, us::message::Acknowledge::ASYNC);
  EXPECT_EQ(ask("all").status, 200);
  EXPECT_EQ(says->asked, us::message::Acknowledge::ALL);
  EXPECT_EQ(ask("some").body, "{\"error\":\"acknowledge: async, quorum or all\"}");
  EXPECT_EQ(post("things/Everything", R"({"text":"hello"})").status, 200);
  EXPECT_EQ(says->asked, us::message::Acknowledge::SERVICE);
}

TEST_F(AdminApi, ExecutesAReadOfTheAgeThatItAsksFor) {
  says->change = us::message::MembersReply::Outcome::DONE;  // it has members
  const auto ask = [&](std::multimap<std::string, std::string> query) {
    return api.answer({"POST", "/api/v1/services/things/Everything", R"({"text":"x"})", query});
  };
  const auto bounded = ask({{"reads", "50ms"}, {"after", "41"}});
  EXPECT_EQ(bounded.status, 200);
  EXPECT_EQ(says->reads, us::message::Reads::BOUNDED);
  EXPECT_EQ(says->stale_us, 50'000u);
  EXPECT_EQ(says->after, 41u);
  EXPECT_EQ(bounded.headers.at("Understudy-Index"), "42");
  EXPECT_EQ(bounded.headers.at("Understudy-Age-Ms"), "2") << "rounded up";
  EXPECT_FALSE(ask({{"reads", "local"}}).headers.contains("Understudy-Age-Ms"));
  EXPECT_EQ(says->reads, us::message::Reads::LOCAL);
  EXPECT_EQ(ask({{"reads", "linearizable"}}).status, 200);
  EXPECT_EQ(says->reads, us::message::Reads::LEADER);
  EXPECT_THAT(ask({{"reads", "soon"}}).body, HasSubstr("reads: linearizable, local, or"));
  EXPECT_THAT(ask({{"reads", "1s"}, {"after", "x"}}).body,
              HasSubstr("after: the Understudy-Index"));
}

TEST_F(AdminApi, TellsRejectedFromUnknown) {
  says->outcome = us::message::Outcome::REJECTED;
  auto rejected = post("things/Everything", R"({"text":"x"})");
  EXPECT_EQ(rejected.status, 503);
  EXPECT_EQ(rejected.body,
            "{\"outcome\":\"rejected\",\"reason\":\"diskFull\",\"text\":\"no space left\"}");
  says->outcome = us::message::Outcome::UNKNOWN;
  auto unknown = post("things/Everything", R"({"text":"x"})");
  EXPECT_EQ(unknown.status, 504);
  EXPECT_THAT(unknown.body, HasSubstr("\"outcome\":\"unknown\""));
}

TEST_F(AdminApi, RejectsWhenTheNodeDoesNotServe) {
  caf::anon_send_exit(actors[1], caf::exit_reason::kill);
  while (node->directory->find(us::gateway_key("things"))) std::this_thread::yield();
  auto response = post("things/Everything", "{}");
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(response.body, HasSubstr("\"outcome\":\"rejected\",\"reason\":\"stopping\""));
}

TEST_F(AdminApi, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(get("/x").status, 404);
  EXPECT_EQ(get("/api/v1/services/things/Everything").status, 405);
  EXPECT_EQ(api.answer({"POST", "/healthz", ""}).status, 404);
  EXPECT_EQ(post("things", "{}").status, 404);
  EXPECT_EQ(post("others/Everything", "{}").body, "{\"error\":\"there is no service others\"}");
  EXPECT_EQ(post("things/Nothing", "{}").body,
            "{\"error\":\"service things has no request Nothing\"}");
}

TEST_F(AdminApi, RefusesBadJson) {
  for (auto body : {"", "{", "[1]", R"({"nothing":1})", R"({"signed":"x"})"})
    EXPECT_EQ(post("things/Everything", body).status, 400) << body;
}

}  // namespace
