// Reads by the leader's lease, and a leader whose disk is stuck, in simulation.
#include "runtime/simulation/gtest.hpp"
#include "tests/leader_follower/sim_cluster.hpp"

#include <gtest/gtest.h>

#include "tests/leader_follower/test_schema.capnp.h"

namespace us::test {
namespace {

using namespace std::chrono_literals;

class Lease : public testing::Test {
 protected:
  void start(const acknowledge_policy& how, const group_limits& limits = small_segments()) {
    cluster.emplace(cluster_options{.seed = test_seed()}, limits, how);
    cluster->work().stopped = true;
    ASSERT_TRUE(cluster->wait_for_leader(2s));
    cluster->sim().run_for(300ms);
    leads = cluster->leader();
  }
  simulated_call<Register> read(const std::string& at, const std::string& key = "list") {
    return cluster->cluster().client_at(at).call<Read, Register>(
        [&](Read::Builder what) { what.setKey(key); });
  }
  simulated_call<Register> append(const std::string& at) {
    return cluster->cluster().client_at(at).call<AppendOnce, Register>(
        [](auto what) { what.setKey("list"); });
  }
  std::string a_follower() const { return leads == "a" ? "b" : "a"; }
  std::uint64_t reached(rare what) { return cluster->sim().probes().of(what); }

  std::optional<sim_cluster> cluster;
  std::string leads;
};

constexpr acknowledge_policy lease{.read_lease = true};

// A read is answered though nobody could confirm the leadership while it was under way.
TEST_F(Lease, AnswersWithoutARoundUntilItIsOver) {
  start(lease);
  auto before = read(leads);  // opens the client's session
  cluster->sim().run_for(100ms);
  ASSERT_TRUE(before.done());
  cluster->sim().network().isolate({leads});
  auto in_lease = read(leads);
  cluster->sim().run_for(5ms);
  EXPECT_TRUE(in_lease.done());
  cluster->sim().run_for(150ms);
  auto after_it = read(leads);
  cluster->sim().run_for(50ms);
  EXPECT_FALSE(after_it.done());
}

TEST_F(Lease, WithoutItAReadWaitsForARound) {
  start({});
  auto before = read(leads);
  cluster->sim().run_for(100ms);
  ASSERT_TRUE(before.done());
  cluster->sim().network().isolate({leads});
  auto alone = read(leads);
  cluster->sim().run_for(50ms);
  EXPECT_FALSE(alone.done());
  EXPECT_EQ(reached(rare::read_by_lease), 0u);
}

/// Three nodes with a lease and nothing to do, of which one leads.
struct trio {
  explicit trio(std::uint64_t seed) : run({.seed = seed}, small_segments(), lease) {
    run.work().stopped = true;
    EXPECT_TRUE(run.wait_for_leader(2s));
    run.sim().run_for(300ms);
    old = run.leader();
    one = old == "a" ? "b" : "a";
    other = old == "c" || one == "c" ? "b" : "c";
  }

  /// Until another leads, or the time is over. True: another does.
  bool wait_for_another(std::chrono::milliseconds limit) {
    const auto epoch = run.leader_epoch();
    for (auto waited = 0ms; waited < limit && run.leader_epoch() == epoch; ++waited)
      run.sim().run_for(1ms);
    return run.leader_epoch() != epoch;
  }

  sim_cluster run;
  std::string old, one, other;
};

// {old leader} | {one, other}: one has just started again and knows nothing of its promise, and
// other wants to lead since long.
TEST_F(Lease, APromiseOutlivesARestart) {
  int elected = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    trio t{seed};
    auto& run = t.run;
    run.sim().network().split({t.old}, {t.other});
    run.sim().run_for(std::chrono::milliseconds{400 + seed});
    if (run.leader() != t.old) continue;
    run.sim().network().isolate({t.old});
    run.sim().node(t.one).crash();
    run.sim().node(t.one).restart();
    EXPECT_FALSE(t.wait_for_another(120ms)) << "seed " << seed;
    elected += run.wait_for_leader(2s);
  }
  EXPECT_GT(elected, 10);
}

// What asks another to lead comes late, when the old leader has given that up, and goes on, and is
// then cut off.
TEST_F(Lease, IsOverForWhomOnceAskedAnotherToLead) {
  int elected = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    trio t{seed};
    auto& run = t.run;
    const auto read = [&] {
      return run.cluster().client_at(t.old).call<Read, Register>(
          [](Read::Builder what) { what.setKey("list"); });
    };
    auto before = read();
    run.sim().run_for(100ms);
    ASSERT_TRUE(before.done());
    const auto held_up = std::chrono::milliseconds{175 + seed % 20};
    run.sim().network().clog(t.old, t.one, held_up);
    run.cluster().ask_to_lead(t.one);
    run.sim().run_for(held_up - 1ms);
    run.sim().network().cut(t.one, t.old);
    run.sim().network().cut(t.other, t.old);
    if (!t.wait_for_another(40ms)) continue;
    auto written = run.cluster().client_at(t.other).call<AppendOnce, Register>(
        [](auto what) { what.setKey("list"); });
    for (int i = 0; i < 40 && !written.ended(); ++i) run.sim().run_for(1ms);
    if (!written.done()) continue;
    ++elected;
    auto seen = read();
    run.sim().run_for(20ms);
    EXPECT_FALSE(seen.done()) << "seed " << seed << ": it does not know of the write";
  }
  EXPECT_GT(elected, 5);
}

// A hand-over does not wait for the promises.
TEST_F(Lease, DoesNotHoldUpAHandOver) {
  start(lease);
  const auto to = a_follower();
  cluster->cluster().ask_to_lead(to);
  cluster->sim().run_for(60ms);
  EXPECT_EQ(cluster->leader(), to);
}

class StuckDisk : public Lease, public testing::WithParamInterface<bool> {};

TEST_P(StuckDisk, OfALeaderMakesItHandOver) {
  start({}, GetParam() ? synced_at_intervals(small_segments()) : small_segments());
  const auto stuck = leads;
  auto before = append(a_follower());
  cluster->sim().run_for(200ms);
  ASSERT_TRUE(before.done());
  cluster->sim().node(stuck).disk().hang();
  auto meanwhile = append(a_follower());
  cluster->sim().run_for(1s);
  EXPECT_EQ(cluster->leader(), stuck) << "disks take long now and then";
  EXPECT_TRUE(meanwhile.done()) << "the others' disks are a majority";
  for (int i = 0; i < 10; ++i) (void)append(a_follower());
  cluster->sim().run_for(2s);
  EXPECT_NE(cluster->leader(), stuck);
  EXPECT_GT(reached(rare::disk_stuck), 0u);
  auto after = append(cluster->leader());
  cluster->sim().run_for(500ms);
  EXPECT_TRUE(after.done()) << after.text();
  cluster->sim().node(stuck).disk().unhang();
  cluster->sim().run_for(1s);
  auto mended = append(stuck);
  cluster->sim().run_for(500ms);
  EXPECT_TRUE(mended.done()) << mended.text();
}

INSTANTIATE_TEST_SUITE_P(Synced, StuckDisk, testing::Bool(),
                         [](const auto& with) { return with.param ? "AtIntervals" : "AtOnce"; });

// Entries wait for the disk, so that what comes is kept open; then nobody asks any more, and
// nothing but the hand-over itself can end the turn.
TEST_F(Lease, ALeaderWhoseDiskIsStuckHandsOverWhatIsOpenToo) {
  start({});
  auto before = append(a_follower());
  cluster->sim().run_for(200ms);
  ASSERT_TRUE(before.done());
  cluster->sim().node(leads).disk().hang();
  for (int i = 0; i < 4; ++i) {
    (void)append(leads);
    cluster->sim().run_for(20ms);
  }
  ASSERT_GT(reached(rare::turn_kept_open), 0u);
  cluster->sim().run_for(3s);
  EXPECT_GT(reached(rare::disk_stuck), 0u);
  EXPECT_EQ(reached(rare::handed_over), 1u);
}

// A full disk is no stuck one: there is nobody better to lead, and reads go on, but for those of
// what was written and has found no space.
TEST_F(Lease, ALeaderWhoseDiskIsFullLikeAllOthersStays) {
  start({});
  auto before = append(leads);
  cluster->sim().run_for(200ms);
  ASSERT_TRUE(before.done());
  for (const auto& name : cluster->sim().nodes()) {
    auto& disk = cluster->sim().node(name).disk();
    disk.capacity(disk.used());
  }
  std::size_t refused = 0;
  for (int i = 0; i < 60; ++i) {
    for (int j = 0; j < 200; ++j) (void)append(leads);
    auto write = append(leads);
    cluster->sim().run_for(100ms);
    refused += write.outcome() == outcome_kind::rejected;
  }
  EXPECT_GT(refused, 0u) << "the disks are full";
  EXPECT_EQ(cluster->leader(), leads);
  EXPECT_EQ(reached(rare::disk_stuck), 0u);
  auto seen = read(leads, "another");
  cluster->sim().run_for(100ms);
  EXPECT_TRUE(seen.done()) << seen.text();
}

}  // namespace
}  // namespace us::test
