// Sweeps over seeds: safe under faults, alive once healed. UNDERSTUDY_SEED is the first seed,
// UNDERSTUDY_SEEDS how many of each sweep.
#include "actors/simulation/gtest.hpp"
#include "tests/leader_follower/sim_cluster.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace us::test {
namespace {

using namespace std::chrono_literals;

/// One small entry fills a request, and few requests a window.
group_limits tight() {
  auto limits = small_segments();
  limits.window_bytes = 2048;
  limits.request_bytes = 1;
  limits.uncommitted_bytes = 64 << 10;
  limits.entry_bytes = 256;
  return limits;
}

struct sweep_kind {
  const char* name;
  std::uint64_t seeds;
  cluster_options how;
  group_limits limits;
  acknowledge_policy acknowledge = {};
  std::vector<acknowledgement> modes = {};  ///< of requests, in turn by chance
  bool transfers = false;  ///< now and then the leader is asked to hand over to some node
  bool busy = false;       ///< everybody reads and writes one list, all the time
  bool changes_members = false;
  bool stale_reads = false;        ///< by replicas, of bounded and of any age
  std::string leads_at_last = {};  ///< soon after all is healed, while clients go on
};

/// Faults from the first moment on, none long: what leads hardly begins.
cluster_options stormy(std::size_t nodes) {
  cluster_options how;
  how.nodes = nodes;
  how.plan = fault_plan{{},
                        10s,
                        plan_recipe{.how = intensity::brutal,
                                    .length = 10s,
                                    .gap_min = 20ms,
                                    .gap_max = 400ms,
                                    .lasts_min = 20ms,
                                    .lasts_max = 1200ms}};
  return how;
}

/// Every fifth fault takes a disk away.
cluster_options lossy(std::size_t nodes) {
  auto how = stormy(nodes);
  how.plan->generate->weights[fault_kind::replace] = 8;
  return how;
}

/// Members come and go meanwhile, some of them new machines.
cluster_options with_spares(cluster_options how, std::size_t spares) {
  how.spares = spares;
  return how;
}

/// Only faults of some kinds, for a short time.
cluster_options only(std::size_t nodes, const std::vector<fault_kind>& kinds, duration shortest,
                     duration longest) {
  auto how = stormy(nodes);
  auto& recipe = *how.plan->generate;
  for (const auto& kind : all_fault_kinds()) recipe.weights[kind.kind] = 0;
  for (const auto kind : kinds) recipe.weights[kind] = 1;
  recipe.gap_min = recipe.lasts_min = shortest;
  recipe.gap_max = recipe.lasts_max = longest;
  recipe.length = how.plan->length = 4s;
  return how;
}

/// Leaders are cut off or stopped for as long as it takes to elect another and a bit longer, while
/// frames get lost: who answers then, and what?
cluster_options deposing(std::size_t nodes) {
  return only(nodes,
              {fault_kind::partition, fault_kind::cut_one_way, fault_kind::partition_one_way,
               fault_kind::pause, fault_kind::clog, fault_kind::loss},
              200ms, 600ms);
}

/// Power is lost while much waits for slow disks.
cluster_options blacking_out(std::size_t nodes) {
  return only(nodes, {fault_kind::slow_disk, fault_kind::crash}, 20ms, 300ms);
}

/// No disk is lost: with it, what only it had is lost beyond any report.
cluster_options disks_stay(cluster_options how) {
  how.plan->generate->weights[fault_kind::replace] = 0;
  return how;
}

/// Power goes often, and what was not synced with it.
cluster_options powerless(std::size_t nodes) {
  auto how = disks_stay(stormy(nodes));
  how.plan->generate->weights[fault_kind::crash] = 12;
  return how;
}

/// Some of the nodes have no records.
cluster_options with_witnesses(cluster_options how, std::size_t witnesses) {
  how.witnesses = witnesses;
  return how;
}

/// One node never leads, and one does if it can. Disks stay: a group in which only the first still
/// has an entry waits for ever.
cluster_options with_priorities(const cluster_options& how) {
  auto with = disks_stay(how);
  with.priorities = {{"a", 0}, {"b", 100}};
  return with;
}

std::vector<sweep_kind> kinds_of_priorities() {
  const acknowledge_policy async{.when = acknowledgement::async};
  sweep_kind three{"ThreeStormPriorities", 20, with_priorities(stormy(3)), tiny_snapshots()};
  sweep_kind five{"FiveStormPriorities", 15, with_priorities(stormy(5)), small_segments(), async};
  three.leads_at_last = five.leads_at_last = "b";
  // A leader that was asked to lead stays.
  sweep_kind moved{"ThreeStormPrioritiesTransfers", 20, with_priorities(stormy(3)),
                   small_segments()};
  moved.transfers = true;
  return {three, five, moved};
}

/// Several groups a node, most of them with nothing to do for most of the time.
cluster_options divided_by(cluster_options how, std::uint32_t partitions) {
  how.partitions = partitions;
  return how;
}

std::vector<sweep_kind> kinds_of_partitions() {
  const acknowledge_policy async{.when = acknowledgement::async};
  const acknowledge_policy lease{.read_lease = true};
  return {{"ThreeStormPartitions", 15, divided_by(lossy(3), 4), tiny_snapshots()},
          {"ThreeStormAsyncPartitions", 20, divided_by(disks_stay(stormy(3)), 4), tiny_snapshots(),
           async},
          {"ThreeDeposedLeasePartitions", 15, divided_by(deposing(3), 8), small_segments(), lease}};
}

std::vector<sweep_kind> kinds_of_witnesses() {
  const acknowledge_policy async{.when = acknowledgement::async};
  const acknowledge_policy lease{.read_lease = true};
  return {{"ThreeStormWitness", 30, with_witnesses(stormy(3), 1), tiny_snapshots(), {}, {}, true},
          {"ThreeStormWitnessAsync", 20, with_witnesses(disks_stay(stormy(3)), 1), small_segments(),
           async},
          {"FiveStormWitnessReads",
           20,
           with_witnesses(lossy(5), 2),
           tiny_snapshots(),
           lease,
           {},
           false,
           false,
           false,
           true}};
}

/// Reads that replicas answer, and reads by the leader's lease.
std::vector<sweep_kind> kinds_of_reads() {
  const acknowledge_policy lease{.read_lease = true};
  const acknowledge_policy lease_of_bad_clocks{.read_lease = true, .clock_drift_ppm = 50'000};
  return {
      {"ThreeStormReads", 20, stormy(3), tiny_snapshots(), {}, {}, false, false, false, true},
      {"FiveBrutalReads",
       15,
       {.nodes = 5, .faults = intensity::brutal},
       small_segments(),
       {},
       {},
       false,
       false,
       false,
       true},
      {"ThreeDeposedReads", 20, deposing(3), small_segments(), {}, {}, false, true, false, true},
      {"ThreeStormLease", 20, stormy(3), tiny_snapshots(), lease},
      {"ThreeStormLeaseTransfers", 20, stormy(3), small_segments(), lease, {}, true},
      {"ThreeDeposedLease", 20, deposing(3), small_segments(), lease, {}, false, true},
      {"FiveBrutalLease",
       15,
       {.nodes = 5, .faults = intensity::brutal},
       small_segments(),
       lease_of_bad_clocks,
       {},
       false,
       true,
       false,
       true}};
}

std::vector<sweep_kind> kinds_of_faults() {
  using mode = acknowledgement;
  const acknowledge_policy async{.when = acknowledgement::async};
  const acknowledge_policy all{.when = acknowledgement::all, .in_sync_lag = 300ms};
  const std::vector<mode> mixed{mode::async, mode::async, mode::quorum, mode::all};
  return {{"ThreeCalm", 10, {.nodes = 3, .faults = intensity::calm}, small_segments()},
          {"ThreeRough", 20, {.nodes = 3, .faults = intensity::rough}, small_segments()},
          {"FiveBrutal", 20, {.nodes = 5, .faults = intensity::brutal}, small_segments()},
          {"ThreeStorm", 20, stormy(3), small_segments()},
          {"ThreeStormTight", 20, stormy(3), tight()},
          {"FiveStorm", 15, stormy(5), tight()},
          {"ThreeStormTransfers", 20, stormy(3), small_segments(), {}, {}, true},
          {"ThreeDeposed", 20, deposing(3), small_segments(), {}, {}, false, true},
          {"ThreeBlackouts", 20, blacking_out(3), small_segments(), {}, {}, false, true},
          {"ThreeStormSnapshots", 30, stormy(3), tiny_snapshots()},
          {"ThreeLoseDisks", 30, lossy(3), tiny_snapshots()},
          {"FiveLoseDisks", 20, lossy(5), tiny_snapshots()},
          {"ThreeStormAsync", 30, disks_stay(stormy(3)), small_segments(), async},
          {"FiveStormAsync", 20, disks_stay(stormy(5)), small_segments(), async},
          {"ThreeStormAsyncSnapshots", 60, disks_stay(stormy(3)), tiny_snapshots(), async},
          {"ThreeStormMixed", 20, disks_stay(stormy(3)), small_segments(), async, mixed},
          {"ThreeStormAll", 20, stormy(3), small_segments(), all},
          {"ThreeStormInterval", 30, disks_stay(stormy(3)), synced_at_intervals(small_segments())},
          {"FiveStormInterval", 20, disks_stay(stormy(5)), synced_at_intervals(small_segments())},
          {"ThreeStormAsyncInterval", 20, disks_stay(stormy(3)),
           synced_at_intervals(small_segments()), async},
          {"ThreePowerlessInterval", 30, powerless(3), synced_at_intervals(tiny_snapshots())},
          {"FivePowerlessInterval", 20, powerless(5), synced_at_intervals(tiny_snapshots())},
          {"ThreeStormMembers",
           30,
           with_spares(lossy(3), 2),
           tiny_snapshots(),
           {},
           {},
           false,
           false,
           true},
          {"FiveStormMembers",
           20,
           with_spares(stormy(5), 1),
           small_segments(),
           {},
           {},
           false,
           false,
           true}};
}

/// Everything at once: modes by request, reads of any age, members that change, snapshots,
/// transfers, priorities.
std::vector<sweep_kind> kinds_of_everything() {
  using mode = acknowledgement;
  const acknowledge_policy async{.when = mode::async, .in_sync_lag = 300ms};
  const std::vector<mode> mixed{mode::async, mode::async, mode::quorum, mode::all};
  sweep_kind three{"ThreeStormEverything", 20, with_spares(disks_stay(stormy(3)), 2),
                   tiny_snapshots(), async};
  sweep_kind five{"FiveStormEverything", 20,
                  with_witnesses(with_spares(with_priorities(stormy(5)), 1), 1), tiny_snapshots(),
                  async};
  for (auto* kind : {&three, &five}) {
    kind->modes = mixed;
    kind->transfers = kind->changes_members = kind->stale_reads = true;
  }
  return {three, five};
}

std::vector<sweep_kind> kinds() {
  auto all = kinds_of_faults();
  for (auto& kind : kinds_of_everything()) all.push_back(std::move(kind));
  for (auto& kind : kinds_of_reads()) all.push_back(std::move(kind));
  for (auto& kind : kinds_of_witnesses()) all.push_back(std::move(kind));
  for (auto& kind : kinds_of_priorities()) all.push_back(std::move(kind));
  for (auto& kind : kinds_of_partitions()) all.push_back(std::move(kind));
  return all;
}

std::vector<read_policy> stale_reads() {
  using kind = read_policy::kind;
  return {{.who = kind::bounded, .staleness = 0ms},
          {.who = kind::bounded, .staleness = 15ms},
          {.who = kind::bounded, .staleness = 200ms},
          {.who = kind::local}};
}

class Sweep : public ::testing::TestWithParam<sweep_kind> {
 protected:
  /// What sweeps need not reach, since tests of their own do: damaged files, and moments that are
  /// made there (catch_up_sim_test.cpp, follower_test.cpp, members_sim_test.cpp).
  static bool need_not_be_reached(rare branch) {
    return branch == rare::snapshot_damaged || branch == rare::data_damaged ||
           branch == rare::snapshot_refused || branch == rare::snapshot_without_log ||
           branch == rare::snapshot_came_late || branch == rare::reply_of_lost_disk ||
           branch == rare::member_change_undone || branch == rare::witness_misplaced;
  }

  static bool keeps_disks(const fault_plan& plan) {
    return std::ranges::none_of(plan.faults,
                                [](const fault& f) { return f.kind == fault_kind::replace; });
  }

  static void expect_at_last(sim_cluster& cluster, const std::string& leader) {
    const auto leads = [&] { return cluster.leader() == leader; };
    if (!cluster.cluster().advance_until(leads, 40s))
      cluster.sim().fail("healed for long, and yet " + leader + " does not lead");
  }

  /// All sweeps together take every rare branch; one alone need not.
  static void TearDownTestSuite() {
    if (swept_ != kinds().size()) return;
    for (std::size_t i = 0; i < rare_count; ++i) {
      const auto branch = static_cast<rare>(i);
      if (need_not_be_reached(branch)) continue;
      EXPECT_GT(reached_.of(branch), 0u) << "no sweep took the branch " << to_string(branch);
    }
    EXPECT_GT(cut_, 0u) << "no loss journal was held against what was cut";
    EXPECT_GT(cut_from_partitions_, 0u) << "no loss journal of a partition was";
    EXPECT_GT(kept_all_, 0u) << "power was lost, and all was kept";
  }

  static inline probe_counts reached_;
  static inline std::uint64_t kept_all_ = 0;  ///< runs that lost power and nothing acknowledged
  static inline std::uint64_t cut_ = 0;       ///< entries that loss journals were held against
  static inline std::uint64_t cut_from_partitions_ = 0;
  static inline std::size_t swept_ = 0;  ///< how many of the sweeps ran with all their seeds
};

TEST_P(Sweep, StaysSafeUnderFaultsAndLivesOnceHealed) {
  const auto& kind = GetParam();
  std::uint64_t runs = 0;
  sweep(kind.how, kind.seeds, [&](const cluster_options& how) {
    sim_cluster cluster{how, kind.limits, kind.acknowledge};
    cluster.work().modes = kind.modes;
    if (kind.busy) cluster.work().keys = 1;
    if (kind.busy) cluster.work().interval = 10ms;
    if (keeps_disks(cluster.cluster().plan())) cluster.watch_cuts();
    cluster.start_clients();
    if (kind.transfers)
      cluster.cluster().every(300ms, [&] {
        const auto& nodes = cluster.sim().nodes();
        cluster.cluster().ask_to_lead(nodes[cluster.sim().random().between(0, nodes.size() - 1)]);
        return true;
      });
    if (kind.stale_reads) cluster.work().reads = stale_reads();
    if (kind.changes_members) cluster.begin_member_changes();
    cluster.run();
    if (!kind.leads_at_last.empty()) expect_at_last(cluster, kind.leads_at_last);
    cluster.finish();
    (kind.how.partitions > 1 ? cut_from_partitions_ : cut_) += cluster.cuts().cut();
    const auto& seen = cluster.sim().probes();
    reached_ += seen;
    if (seen.of(rare::power_lost) > 0 && !cluster.majority_lost_power()) ++kept_all_;
    ++runs;
  });
  if (runs >= kind.seeds) ++swept_;
}

// Followers are cut off and come back, again and again: the leader hears a majority all the time,
// so it stays, whoever stood meanwhile. In half of the runs nobody writes, so that all logs are
// alike. Thesis 4.2.3, 9.6.
TEST(StableSweep, KeepsItsLeaderWhileFollowersComeAndGo) {
  sweep({.nodes = 5, .plan = fault_plan{{}, 10s, {}}}, 10, [](const cluster_options& how) {
    sim_cluster cluster{how};
    if (!cluster.wait_for_leader(2s)) cluster.sim().fail("no leader");
    const auto leads = cluster.leader();
    const auto epoch = cluster.leader_epoch();
    if (how.seed % 2 == 0) cluster.start_clients();
    for (int i = 0; i < 12; ++i) {
      auto away = cluster.sim().nodes();
      std::erase(away, leads);
      std::swap(away.front(), away[cluster.sim().random().between(0, away.size() - 1)]);
      away.resize(1);
      const auto lasts = cluster.sim().random().between(100, 800);
      cluster.sim().network().isolate_for(away, lasts * 1ms);
      cluster.sim().run_for(lasts * 1ms + 200ms);
      if (cluster.leader() != leads || cluster.leader_epoch() != epoch)
        cluster.sim().fail(leads + " was deposed by a follower that came back");
    }
    cluster.heal_and_expect_life();
    cluster.finish();
  });
}

INSTANTIATE_TEST_SUITE_P(LeaderFollower, Sweep, ::testing::ValuesIn(kinds()),
                         [](const auto& with) { return with.param.name; });

}  // namespace
}  // namespace us::test
