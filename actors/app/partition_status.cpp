#include "actors/app/partition_status.hpp"

#include <algorithm>
#include <map>

namespace us {

namespace {

using service_status = message::ServiceStatus;

/// Of a follower, over the partitions that are led here.
struct follower_sum {
  std::uint64_t match = 0;
  std::uint64_t lag_entries = 0;
  std::uint64_t lag_ms = 0;
  std::uint32_t snapshot_percent = 0;
  bool in_sync = true;
  bool recovering = false;

  void add(service_status::Replica::Reader one) {
    match += one.getMatchIndex();
    lag_entries += one.getLagEntries();
    lag_ms = std::max(lag_ms, one.getLagMillis());
    snapshot_percent = std::max(snapshot_percent, one.getSnapshotPercent());
    in_sync = in_sync && one.getInSync();
    recovering = recovering || one.getRecovering();
  }
};

void add(service_status::Builder sum, service_status::Reader one) {
  sum.setEpoch(std::max(sum.getEpoch(), one.getEpoch()));
  sum.setCommitIndex(sum.getCommitIndex() + one.getCommitIndex());
  sum.setAppliedIndex(sum.getAppliedIndex() + one.getAppliedIndex());
  sum.setLastIndex(sum.getLastIndex() + one.getLastIndex());
  sum.setRecords(sum.getRecords() + one.getRecords());
  sum.setLogBytes(sum.getLogBytes() + one.getLogBytes());
  sum.setLosses(sum.getLosses() + one.getLosses());
  sum.setLossesUnacknowledged(sum.getLossesUnacknowledged() + one.getLossesUnacknowledged());
  sum.setLossesDropped(sum.getLossesDropped() + one.getLossesDropped());
  sum.setMembersCommitted(sum.getMembersCommitted() && one.getMembersCommitted());
  if (one.getRole() == "leader") sum.setLed(sum.getLed() + 1);
  if (one.getLeader().size() > 0) sum.setLeaderless(sum.getLeaderless() - 1);
  if (!sum.hasWhy() && one.getWhy().size() > 0) sum.setWhy(one.getWhy());
}

void begin_like(service_status::Builder sum, service_status::Reader one) {
  sum.setAcknowledge(one.getAcknowledge());
  sum.setDurability(one.getDurability());
  sum.setSyncIntervalMillis(one.getSyncIntervalMillis());
  sum.setMembers(one.getMembers());
}

void fill_followers(service_status::Builder into,
                    const std::map<std::string, follower_sum>& followers) {
  auto list = into.initReplicas(static_cast<unsigned>(followers.size()));
  unsigned at = 0;
  for (const auto& [node, sum] : followers) {
    auto one = list[at++];
    one.setNode(node);
    one.setMatchIndex(sum.match);
    one.setLagEntries(sum.lag_entries);
    one.setLagMillis(sum.lag_ms);
    one.setSnapshotPercent(sum.snapshot_percent);
    one.setInSync(sum.in_sync);
    one.setRecovering(sum.recovering);
  }
}

}  // namespace

void fill_partitioned(service_status::Builder into, const shown_service& of,
                      const service_view& seen, bool each) {
  into.setName(of.name);
  into.setRole("partitioned");
  into.setPartitions(of.partitions);
  into.setLeaderless(of.partitions);
  into.setMembersCommitted(true);
  std::map<std::string, follower_sum> followers;
  auto all = each ? into.initEach(static_cast<unsigned>(seen.size()))
                  : capnp::List<service_status>::Builder{};
  unsigned at = 0;
  for (const auto& [partition, answer] : seen) {
    opened_frame opened{answer};
    auto one = opened.body<service_status>();
    if (at == 0) begin_like(into, one);
    add(into, one);
    for (auto follower : one.getReplicas()) followers[follower.getNode()].add(follower);
    if (each) {
      all.setWithCaveats(at, one);
      fill_missing(all[at]);
    }
    ++at;
  }
  fill_followers(into, followers);
  fill_missing(into);
}

void fill_missing(service_status::Builder into) {
  if (!into.hasLeader()) into.setLeader("");
  if (!into.hasReplicas()) into.initReplicas(0);
  if (!into.hasMembers()) into.initMembers(0);
}

std::string unready(const std::string& name, service_status::Reader status) {
  std::string_view role = status.getRole().cStr();
  if (role == "active" || role == "passive") return {};  // it answers, or stands by, by itself
  if (status.getLeader().size() == 0) return name + ": no leader is known";
  if (role != "leader" && role != "follower" && role != "witness")
    return name + ": this replica is " + std::string{role};
  return {};
}

std::vector<std::uint32_t> led_here(const service_view& seen) {
  std::vector<std::uint32_t> led;
  for (const auto& [partition, answer] : seen) {
    opened_frame opened{answer};
    if (opened.body<service_status>().getRole() == "leader") led.push_back(partition);
  }
  return led;
}

}  // namespace us
