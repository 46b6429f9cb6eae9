// When clients are answered, and what becomes of what was answered too early, in simulation.
#include "runtime/simulation/gtest.hpp"
#include "tests/leader_follower/sim_cluster.hpp"
#include "tests/leader_follower/status_request.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "tests/leader_follower/test_schema.capnp.h"

namespace us::test {
namespace {

using namespace std::chrono_literals;

constexpr acknowledge_policy async{.when = acknowledgement::async};
constexpr acknowledge_policy all{.when = acknowledgement::all, .in_sync_lag = 600ms};

class Modes : public testing::Test {
 protected:
  void start(acknowledge_policy acknowledge, group_limits limits = small_segments()) {
    cluster.emplace(cluster_options{.seed = test_seed()}, limits, acknowledge);
    cluster->watch_cuts();
    ASSERT_TRUE(cluster->wait_for_leader(2s));
    cluster->start_clients();
    cluster->sim().run_for(500ms);
  }
  std::string a_follower() { return cluster->leader() == "a" ? "b" : "a"; }
  std::size_t done() { return cluster->work().history.count(outcome_kind::done); }
  std::uint64_t reached(rare what) { return cluster->sim().probes().of(what); }
  /// How many of a node's losses are of that kind and state.
  std::ptrdiff_t noted(const std::string& node, loss_kind kind, loss_state state) {
    const auto losses = cluster->noted_losses(node);
    return std::count_if(losses.begin(), losses.end(), [&](const noted_loss& loss) {
      return loss.kind == kind && loss.state == state;
    });
  }
  std::ptrdiff_t writes_done() {
    const auto& operations = cluster->work().history.operations();
    return std::count_if(operations.begin(), operations.end(), [](const operation& o) {
      return o.item != 0 && o.outcome == outcome_kind::done && o.seen.back() == o.item;
    });
  }
  /// Of the first metric of the node whose name and labels begin so; -1: there is none.
  double metric(const std::string& node, const std::string& begin) {
    std::istringstream text{cluster->sim().node(node).context()->metrics->text()};
    for (std::string line; std::getline(text, line);)
      if (line.starts_with(begin)) return std::stod(line.substr(line.rfind(' ')));
    return -1;
  }
  /// The followers that a leader's status calls in sync.
  std::set<std::string> in_sync_by_status(const std::string& leader) {
    auto answer = std::make_shared<std::optional<frame>>();
    cluster->sim().node(leader).host(
        [&](caf::actor_system& system, const node_ptr& context) -> caf::actor {
          return system.spawn<status_request>(context, answer);
        });
    EXPECT_TRUE(cluster->sim().run_until([&] { return answer->has_value(); }, 1s));
    if (!*answer) return {};
    opened_frame opened{**answer};
    std::set<std::string> names;
    for (auto replica : opened.body<message::ServiceStatus>().getReplicas())
      if (replica.getInSync()) names.insert(replica.getNode());
    return names;
  }

  std::optional<sim_cluster> cluster;
};

// {leader} | {the others}: the leader goes on acknowledging until it notices. Reported loss is real
// loss: finish() holds every item against the journals.
TEST_F(Modes, AsyncNotesWhatAnIsolatedLeaderAcknowledged) {
  start(async);
  const auto old = cluster->leader();
  cluster->sim().network().isolate({old});
  ASSERT_TRUE(cluster->wait_for_leader(2s));
  cluster->sim().run_for(1s);
  EXPECT_EQ(noted(old, loss_kind::ACKNOWLEDGED, loss_state::LOST), 0) << "it does not know yet";
  cluster->sim().network().heal();
  cluster->sim().run_for(2s);
  const auto lost = noted(old, loss_kind::ACKNOWLEDGED, loss_state::LOST);
  EXPECT_GT(lost, 0);
  EXPECT_GT(reached(rare::answered_early), 0u);
  cluster->finish();
  EXPECT_EQ(noted(old, loss_kind::ACKNOWLEDGED, loss_state::LOST), lost);
}

// The leader loses power; what it acknowledged and had not sent is on its disk and nowhere else.
TEST_F(Modes, AsyncNotesTheTailOfALeaderThatCrashed) {
  start(async);
  const auto old = cluster->leader();
  cluster->sim().network().isolate({old});
  cluster->sim().run_for(100ms);
  cluster->sim().node(old).crash();
  ASSERT_TRUE(cluster->wait_for_leader(2s));
  cluster->sim().network().heal();
  cluster->sim().run_for(1s);
  cluster->sim().node(old).start();
  cluster->sim().run_for(2s);
  EXPECT_GT(noted(old, loss_kind::ACKNOWLEDGED, loss_state::LOST), 0);
  cluster->finish();
}

// The same, and the log of the others no longer reaches back: a snapshot takes the tail's place.
TEST_F(Modes, AsyncNotesATailThatASnapshotReplaces) {
  start(async, tiny_snapshots());
  const auto old = cluster->leader();
  cluster->sim().network().isolate({old});
  cluster->sim().run_for(100ms);
  cluster->sim().node(old).crash();
  ASSERT_TRUE(cluster->wait_for_leader(2s));
  cluster->sim().network().heal();
  cluster->sim().run_for(8s);
  cluster->sim().node(old).start();
  ASSERT_TRUE(cluster->sim().run_until([&] { return reached(rare::snapshot_installed) > 0; }, 10s));
  cluster->start_clients();
  cluster->sim().run_for(1s);
  EXPECT_GT(noted(old, loss_kind::ACKNOWLEDGED, loss_state::LOST) +
                noted(old, loss_kind::ACKNOWLEDGED, loss_state::UNCERTAIN),
            0);
  cluster->finish();
}

// The old leader loses power again and again while it gives up its tail: noted once, whatever the
// moment. finish() reads each loss once.
TEST_F(Modes, AsyncNotesATailOnceThoughItsLeaderCrashesMeanwhile) {
  start(async);
  const auto old = cluster->leader();
  cluster->sim().network().isolate({old});
  ASSERT_TRUE(cluster->wait_for_leader(2s));
  cluster->sim().network().heal();
  for (int i = 1; i <= 12; ++i) {
    cluster->sim().run_for(i * 1ms);
    cluster->sim().node(old).restart();
    cluster->sim().run_for(std::chrono::milliseconds{10 + 7 * i});
  }
  cluster->heal_and_expect_life();
  EXPECT_GT(noted(old, loss_kind::ACKNOWLEDGED, loss_state::LOST), 0);
  cluster->finish();
}

// {leader} | {the others}: a request that asks for a majority is not answered by less.
TEST_F(Modes, ARequestMayAskForMoreThanItsService) {
  start(async);
  cluster->work().modes = {acknowledgement::quorum};
  cluster->sim().run_for(300ms);
  cluster->sim().network().isolate({cluster->leader()});
  cluster->sim().run_for(30ms);
  const auto before = done();
  cluster->sim().run_for(60ms);
  EXPECT_EQ(done(), before);
  cluster->work().modes = {acknowledgement::async};
  cluster->sim().run_for(60ms);
  EXPECT_GT(done(), before);
  cluster->sim().network().heal();
  cluster->sim().run_for(2s);
  cluster->finish();  // none of those that asked for a majority is lost
}

// The followers' disks hang, and yet they confirm the leader. A write asked for no more than the
// leader's disk; a read that asks for a majority does not tell of it until a majority has it, since
// another leader may not have it. Thesis 6.4.
TEST_F(Modes, AReadWaitsForTheCommitOfWhatItSaw) {
  start(async);
  cluster->work().stopped = true;
  cluster->sim().run_for(200ms);
  const auto leads = cluster->leader();
  const auto read = [&] {
    return cluster->cluster().client_at(leads).call<Read, Register>(
        [](Read::Builder what) { what.setKey("list"); }, {.acknowledge = acknowledgement::quorum});
  };
  auto before = read();
  cluster->sim().run_for(100ms);
  ASSERT_TRUE(before.done());
  for (const auto& name : cluster->sim().nodes())
    if (name != leads) cluster->sim().node(name).disk().hang();
  auto write = cluster->cluster().client_at(leads).call<AppendOnce, Register>(
      [](AppendOnce::Builder append) {
        append.setKey("list");
        append.setItem(7);
      });
  cluster->sim().run_for(50ms);
  EXPECT_TRUE(write.done());
  auto seen = read();
  cluster->sim().run_for(200ms);
  EXPECT_FALSE(seen.ended());
  cluster->sim().heal_everything();
  cluster->sim().run_for(200ms);
  ASSERT_TRUE(seen.done());
  EXPECT_EQ(seen.reply().getItems().size(), 1u);
}

// Quorum: an isolated leader's tail was acknowledged to nobody, and is noted as such.
TEST_F(Modes, QuorumNotesAnUnacknowledgedTail) {
  start({});
  const auto old = cluster->leader();
  cluster->sim().network().isolate({old});
  ASSERT_TRUE(cluster->wait_for_leader(2s));
  cluster->sim().network().heal();
  cluster->sim().run_for(2s);
  EXPECT_GT(noted(old, loss_kind::UNACKNOWLEDGED, loss_state::LOST), 0);
  EXPECT_EQ(noted(old, loss_kind::ACKNOWLEDGED, loss_state::LOST), 0);
  EXPECT_GT(cluster->cuts().cut(), 0u);
  cluster->finish();  // entry for entry
}

// One follower of two is cut off: nothing is acknowledged until it has left the set, and then it
// goes on; the follower comes back once it has caught up.
TEST_F(Modes, AllWaitsForAFollowerUntilItLagsTooFar) {
  start(all);
  const auto away = a_follower();
  cluster->sim().network().isolate({away});
  cluster->sim().run_for(50ms);
  const auto before = writes_done();
  cluster->sim().run_for(400ms);
  EXPECT_EQ(writes_done(), before) << "acknowledged without a follower that is in sync";
  EXPECT_EQ(reached(rare::in_sync_left), 0u);
  ASSERT_TRUE(cluster->sim().run_until([&] { return reached(rare::in_sync_left) > 0; }, 1s));
  cluster->sim().run_for(300ms);
  EXPECT_GT(writes_done(), before);
  cluster->sim().network().heal();
  ASSERT_TRUE(cluster->sim().run_until([&] { return reached(rare::in_sync_back) > 0; }, 3s));
  cluster->sim().run_for(500ms);
  cluster->finish();
}

// The same, as an operator sees it: by event, metrics and the leader's status. A follower that is
// back is counted and waited for again, and may leave again.
TEST_F(Modes, AllReportsWhoLeavesTheSetAndWhoIsBack) {
  start(all);
  const auto leads = cluster->leader();
  const auto away = a_follower();
  const auto& timeline = cluster->sim().timeline();
  const auto left = away + " is no longer in sync with " + leads;
  const auto back = away + " is in sync with " + leads + " again";
  EXPECT_EQ(metric(leads, "understudy_in_sync_followers"), 2);
  EXPECT_EQ(in_sync_by_status(leads).size(), 2u);
  for (std::uint64_t times = 1; times <= 2; ++times) {
    cluster->sim().network().isolate({away});
    cluster->sim().run_for(400ms);
    EXPECT_EQ(timeline.count(left), times - 1);
    EXPECT_EQ(metric(leads, "understudy_in_sync_followers"), 2);
    ASSERT_TRUE(cluster->sim().run_until([&] { return timeline.count(left) == times; }, 1s));
    EXPECT_EQ(metric(leads, "understudy_in_sync_followers"), 1);
    EXPECT_EQ(metric(leads, "understudy_in_sync_left_total{follower=\"" + away + "\""), times);
    EXPECT_FALSE(in_sync_by_status(leads).contains(away));
    EXPECT_EQ(in_sync_by_status(leads).size(), 1u);
    cluster->sim().network().heal();
    EXPECT_EQ(timeline.count(back), times - 1);
    ASSERT_TRUE(cluster->sim().run_until([&] { return timeline.count(back) == times; }, 3s));
    EXPECT_EQ(metric(leads, "understudy_in_sync_followers"), 2);
    EXPECT_TRUE(in_sync_by_status(leads).contains(away));
    cluster->sim().run_for(500ms);
  }
  cluster->sim().network().isolate({away});
  cluster->sim().run_for(50ms);
  const auto before = writes_done();
  cluster->sim().run_for(400ms);
  EXPECT_EQ(writes_done(), before) << "not waited for again";
  cluster->sim().network().heal();
  EXPECT_EQ(cluster->leader(), leads);
  cluster->sim().run_for(1s);
  cluster->finish();
}

// A majority is away: `all` acknowledges nothing, however small the set in sync is.
TEST_F(Modes, AllNeverGoesBelowAMajority) {
  start(all);
  cluster->sim().network().isolate({cluster->leader()});
  cluster->sim().run_for(50ms);
  const auto before = done();
  cluster->sim().run_for(80ms);
  EXPECT_EQ(done(), before);
  cluster->sim().network().heal();
  cluster->sim().run_for(3s);
  EXPECT_GT(done(), before);
  cluster->finish();
}

}  // namespace
}  // namespace us::test
