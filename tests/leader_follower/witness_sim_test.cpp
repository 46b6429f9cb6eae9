// Witnesses, in simulation: they vote, count, and have no records. What happens to them at random
// is in sweep_test.cpp.
#include "actors/leader_follower/open_store.hpp"
#include "actors/leader_follower/standing.hpp"
#include "runtime/simulation/gtest.hpp"
#include "tests/leader_follower/sim_cluster.hpp"

#include <gtest/gtest.h>

#include "tests/leader_follower/test_schema.capnp.h"

namespace us::test {
namespace {

using namespace std::chrono_literals;

using action = message::MemberAction;

cluster_options with_a_witness() {
  return {.spares = 1, .seed = test_seed(), .witnesses = 1};
}

// Of a, b and c, c is the witness.
class Witness : public testing::Test {
 protected:
  explicit Witness(const group_limits& limits = small_segments(),
                   const cluster_options& how = with_a_witness())
      : cluster{how, limits} {}
  void SetUp() override {
    ASSERT_TRUE(cluster.wait_for_leader(3s));
    other = cluster.leader() == "a" ? "b" : "a";
    cluster.start_clients();
    cluster.sim().run_for(1s);
  }
  simulated_call<Register> read(const std::string& at, const read_policy& how) {
    return cluster.cluster().client_at(at).call<Read, Register>(
        [](Read::Builder what) { what.setKey("list"); }, {.reads = how});
  }
  void append_one() {
    auto call = cluster.cluster().client_at("c").call<AppendOnce, Register>([](auto what) {
      what.setKey("list");
      what.setItem(77'000);
    });
    cluster.sim().run_for(1s);
    ASSERT_TRUE(call.done()) << call.text();
  }
  bool answers(duration limit = 3s) {
    const auto before = cluster.work().history.count(outcome_kind::done);
    return cluster.sim().run_until(
        [&] { return cluster.work().history.count(outcome_kind::done) > before + 20; }, limit);
  }
  const inspected& replica_of(const std::string& node) {
    return *cluster.sim().node(node).replicas().front();
  }
  std::uint64_t log_bytes(const std::string& node) {
    const auto& log = *open(node).log;
    std::uint64_t sum = 0;
    (void)log.replay(log.first_index(), log.last_index(),
                     [&](const log_entry& entry) { sum += entry.bytes->size(); });
    return sum;
  }
  std::uint64_t records_of(const std::string& node) { return open(node).state->size(); }
  /// It is started again, without them.
  void crash_before_its_disk_has_what_comes(const std::string& leader) {
    auto& node = cluster.sim().node(leader);
    node.disk().hang();
    cluster.sim().run_for(200ms);
    node.crash();
    node.disk().unhang();
    node.start();
  }
  bool is_marked(const std::string& node) {
    auto found = load_standing(*cluster.disk_of(node), "lists/standing");
    return found && found->witness;
  }
  std::uint64_t reached(rare what) { return cluster.sim().probes().of(what); }

  sim_cluster cluster;
  std::string other;  ///< the follower that is none

 private:
  /// What is on its disk; the node is down from then on.
  const replica_store& open(const std::string& node) {
    auto& kept = opened_[node];
    if (kept) return *kept;
    auto ports = cluster.sim().node(node).context()->ports;
    cluster.sim().node(node).kill();
    ports.disk = cluster.disk_of(node);
    auto opened = open_store(ports, "lists/log");
    if (!opened) throw std::runtime_error{opened.error().text};
    kept = std::move(*opened);
    kept->commit_up_to(kept->log->last_index());
    return *kept;
  }

  std::map<std::string, std::unique_ptr<replica_store>> opened_;
};

TEST_F(Witness, HasEveryEntryAndNoRecord) {
  cluster.work().stopped = true;
  cluster.sim().run_for(1s);
  EXPECT_TRUE(is_marked("c"));
  EXPECT_FALSE(is_marked(other));
  EXPECT_EQ(replica_of("c").view().commit, replica_of(other).view().commit);
  EXPECT_GT(replica_of("c").view().commit.value, 20u);
  EXPECT_EQ(records_of("c"), 0u);
  EXPECT_GT(records_of(other), 0u);
  EXPECT_LT(log_bytes("c"), log_bytes(other) / 2);
}

// {leader} | {other, witness}, and then the other alone.
TEST_F(Witness, LetsTheOtherReplicaLead) {
  cluster.sim().node(cluster.leader()).kill();
  ASSERT_TRUE(cluster.wait_for_leader(3s));
  EXPECT_EQ(cluster.leader(), other);
  EXPECT_TRUE(answers());
  cluster.sim().node(other).kill();
  cluster.sim().run_for(10s);
  EXPECT_EQ(cluster.leader(), "") << "there is nothing to lead with";
  cluster.heal_and_expect_life();
  cluster.finish();
}

// Other is down, and lacks what the leader has acknowledged with the witness's word.
TEST_F(Witness, DoesNotVoteForWhoLacksWhatItCounted) {
  const auto leader = cluster.leader();
  cluster.sim().node(other).kill();
  ASSERT_TRUE(answers());
  cluster.sim().node(leader).kill();
  cluster.sim().node(other).start();
  cluster.sim().run_for(10s);
  EXPECT_EQ(cluster.leader(), "");
  cluster.sim().node(leader).start();
  ASSERT_TRUE(cluster.wait_for_leader(3s));
  EXPECT_EQ(cluster.leader(), leader);
  cluster.heal_and_expect_life();
  cluster.finish();
}

// Other is down. An entry that the witness had been told of before the leader's disk had it would
// be nowhere, and nobody could be elected any more. Found by seed 11 of FiveStormEverything.
TEST_F(Witness, IsToldOfAnEntryOnceAReplicasDiskHasIt) {
  const auto leader = cluster.leader();
  cluster.sim().node(other).kill();
  ASSERT_TRUE(answers());
  crash_before_its_disk_has_what_comes(leader);
  EXPECT_TRUE(cluster.wait_for_leader(3s));
  cluster.heal_and_expect_life();
  cluster.finish();
}

class WitnessBesidePriorityZero : public Witness {
 protected:
  WitnessBesidePriorityZero() : Witness(small_segments(), without_lead_for("b")) {}
  static cluster_options without_lead_for(const std::string& node) {
    auto how = with_a_witness();
    how.priorities = {{node, 0}};
    return how;
  }
};

// The disk of b, which never leads, is no such one: a would be elected by nobody, and nobody else
// stands.
TEST_F(WitnessBesidePriorityZero, IsToldOfAnEntryOnceADiskHasItThatMayLead) {
  ASSERT_EQ(cluster.leader(), "a");
  crash_before_its_disk_has_what_comes("a");
  EXPECT_TRUE(cluster.wait_for_leader(3s));
  cluster.heal_and_expect_life();
  cluster.finish();
}

// It has no records to look into, however old they might be.
TEST_F(Witness, PassesReadsOn) {
  append_one();
  for (const auto& how : {read_policy{.who = read_policy::kind::local},
                          read_policy{.who = read_policy::kind::bounded, .staleness = 10s}}) {
    auto asked = read("c", how);
    cluster.sim().run_for(200ms);
    ASSERT_TRUE(asked.done()) << asked.text();
    EXPECT_EQ(asked.reply().getItems().size(), 1u);
  }
  cluster.sim().node(cluster.leader()).kill();
  cluster.sim().node(other).kill();
  auto alone = read("c", {.who = read_policy::kind::local});
  cluster.sim().run_for(6s);
  EXPECT_EQ(alone.outcome(), outcome_kind::rejected) << "nobody has it";
}

// On a new disk it does not know yet that it is one. Found by seed 1 of FiveStormWitnessReads.
TEST_F(Witness, DoesNotAnswerAReadThatCameBeforeItKnew) {
  append_one();
  cluster.sim().node("c").restart_empty();
  std::vector<simulated_call<Register>> all;
  for (int i = 0; i < 500; ++i) {
    all.push_back(read("c", {.who = read_policy::kind::bounded, .staleness = 15ms}));
    cluster.sim().run_for(1ms);
  }
  ASSERT_TRUE(is_marked("c"));
  cluster.sim().run_for(6s);
  std::size_t answered = 0;
  for (auto& each : all) {
    if (!each.done()) continue;
    ++answered;
    ASSERT_EQ(each.reply().getItems().size(), 1u);
  }
  EXPECT_GT(answered, 100u);
}

// What is in it would pass for a replica's log: the same entries, epochs and places.
TEST_F(Witness, ItsDirectoryIsNeverTakenForAReplicas) {
  EXPECT_EQ(cluster.change(cluster.leader(), action::REMOVE, "c").what, change_outcome::kind::done);
  EXPECT_EQ(cluster.change(cluster.leader(), action::ADD, "c").what, change_outcome::kind::done);
  cluster.sim().run_for(3s);
  EXPECT_GT(reached(rare::witness_misplaced), 0u);
  EXPECT_NE(cluster.change(cluster.leader(), action::PROMOTE, "c").what,
            change_outcome::kind::done);
  cluster.sim().node("c").restart_empty();
  cluster.sim().run_for(3s);
  EXPECT_EQ(cluster.change(cluster.leader(), action::PROMOTE, "c").what,
            change_outcome::kind::done);
  EXPECT_FALSE(is_marked("c"));
  cluster.work().stopped = true;
  cluster.sim().run_for(1s);
  EXPECT_GT(records_of("c"), 0u);
}

TEST_F(Witness, IsAddedAndPromotedLikeAnyOther) {
  cluster.cluster().start_spares();
  const auto added = cluster.change(cluster.leader(), action::ADD, "d", true);
  ASSERT_EQ(added.what, change_outcome::kind::done) << added.text;
  cluster.sim().run_for(1s);
  const auto promoted = cluster.change(cluster.leader(), action::PROMOTE, "d");
  ASSERT_EQ(promoted.what, change_outcome::kind::done) << promoted.text;
  EXPECT_EQ(cluster.cluster().voters(), 4u);
  EXPECT_TRUE(is_marked("d"));
  cluster.work().stopped = true;
  cluster.sim().run_for(1s);
  EXPECT_EQ(records_of("d"), 0u);
}

class WitnessOfTinyLogs : public Witness {
 protected:
  WitnessOfTinyLogs() : Witness(tiny_snapshots()) {}
};

// The log no longer has what it lacks, and the snapshot has the records that it is not to have.
TEST_F(WitnessOfTinyLogs, CatchesUpByASnapshotWithoutRecords) {
  cluster.sim().node("c").kill();
  cluster.sim().run_for(5s);
  cluster.sim().node("c").start();
  ASSERT_TRUE(
      cluster.sim().run_until([&] { return reached(rare::witness_sent_snapshot) > 0; }, 3s));
  cluster.work().stopped = true;
  cluster.sim().run_for(2s);
  EXPECT_EQ(replica_of("c").view().commit, replica_of(other).view().commit);
  EXPECT_EQ(records_of("c"), 0u);
}

}  // namespace
}  // namespace us::test
