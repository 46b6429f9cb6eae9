#include "runtime/config/config.hpp"

#include <gtest/gtest.h>

namespace {

using std::chrono::milliseconds;

const us::config_language kv_language{{"kv"}, {"redis"}};

const char* const demo = R"([cluster]
name = "demo"
profile = "lan"

[timing]
heartbeat_ms = 50
phi_threshold = 9

[link]
max_inflight = 33554432

[log]
retain_bytes = 1000
retain_seconds = 60
snapshot_bytes = 70000
snapshot_bytes_per_second = 80000
snapshots_at_once = 2

[service.kv]
failover = "active-active"
replication = "leader-follower"
acknowledge = "quorum"

[[node]]
name = "b"
address = "127.0.0.1:7101"
admin = "127.0.0.1:8101"
redis = "127.0.0.1:6101"
data = "data/b"

[[node]]
name = "a"
address = "[::1]:7102"
data = "data/a"
)";

TEST(Config, ReadsWhatTheDesignShows) {
  auto config = us::parse_config(demo, "demo.toml", kv_language);
  ASSERT_TRUE(config) << config.error().text;
  EXPECT_EQ(config->file, "demo.toml");
  EXPECT_EQ(config->name, "demo");
  EXPECT_EQ(config->profile, "lan");
  EXPECT_FALSE(config->insecure);
  EXPECT_EQ(config->link.max_inflight, 33554432u);
  EXPECT_EQ(config->log.retain_bytes, 1000u);
  EXPECT_EQ(config->log.retain_for.count(), 60);
  EXPECT_EQ(config->log.snapshot_bytes, 70000u);
  EXPECT_EQ(config->log.snapshot_rate, 80000u);
  EXPECT_EQ(config->log.snapshots_at_once, 2u);
  ASSERT_EQ(config->services.size(), 1u);
  EXPECT_EQ(config->services[0].name, "kv");
  ASSERT_EQ(config->nodes.size(), 2u);
  EXPECT_EQ(config->nodes[0].name, "b");
  EXPECT_EQ(us::to_string(config->nodes[0].admin), "127.0.0.1:8101");
  EXPECT_EQ(us::to_string(config->nodes[0].edges.at("redis")), "127.0.0.1:6101");
  EXPECT_EQ(us::to_string(config->find_node("a")->address), "[::1]:7102");
  EXPECT_EQ(config->find_node("a")->admin.port, 0);
  EXPECT_TRUE(config->find_node("a")->edges.empty());
  EXPECT_EQ(config->find_node("c"), nullptr);
  EXPECT_EQ(config->find_service("counter"), nullptr);
}

TEST(Config, OverridesTheProfilesTiming) {
  auto config = us::parse_config(demo, "demo.toml", kv_language);
  ASSERT_TRUE(config);
  auto lan = *us::timing::profile("lan");
  EXPECT_EQ(config->timing.heartbeat, milliseconds{50});
  EXPECT_EQ(config->timing.phi_threshold, 9);
  EXPECT_EQ(config->timing.leader_beat, lan.leader_beat);
  EXPECT_EQ(config->timing.election_timeout_min, lan.election_timeout_min);
}

TEST(Config, GivesAServiceThatSaysNothingTheDefaults) {
  auto config = us::parse_config(
      "[cluster]\nname='x'\n[service.kv]\n[[node]]\nname='a'\naddress='localhost:1'\ndata='a'\n",
      "x.toml", kv_language);
  ASSERT_TRUE(config) << config.error().text;
  EXPECT_EQ(config->services[0].replication, us::replication_pattern::leader_follower);
  EXPECT_EQ(config->services[0].acknowledge, us::acknowledgement::quorum);
}

TEST(Config, ReadsWhenClientsAreAnswered) {
  const auto acknowledged = [](const std::string& service) {
    auto config = us::parse_config("[cluster]\nname='x'\nprofile='wan'\n[service.kv]\n" + service +
                                       "[[node]]\nname='a'\naddress='127.0.0.1:7000'\ndata='a'\n",
                                   "x.toml", kv_language);
    return config ? config->services[0] : us::service_config{.name = config.error().text};
  };
  EXPECT_EQ(acknowledged("acknowledge='async'\n").acknowledge, us::acknowledgement::async);
  EXPECT_EQ(acknowledged("acknowledge='all'\n").acknowledge, us::acknowledgement::all);
  EXPECT_EQ(acknowledged("in_sync_lag_ms=1500\n").in_sync_lag, std::chrono::milliseconds{1500});
  EXPECT_EQ(acknowledged("").in_sync_lag, std::chrono::milliseconds{2000}) << "four beats of wan";
  EXPECT_EQ(acknowledged("").sync_interval, std::chrono::milliseconds{0});
  EXPECT_EQ(acknowledged("durability='interval'\n").sync_interval, std::chrono::milliseconds{100});
  EXPECT_EQ(acknowledged("durability='interval'\nsync_interval_ms=20\n").sync_interval,
            std::chrono::milliseconds{20});
}

TEST(Config, ReadsWhereRecordsAreKept) {
  const auto kept = [](const std::string& service) {
    auto config = us::parse_config("[cluster]\nname='x'\n[service.kv]\n" + service +
                                       "[[node]]\nname='a'\naddress='127.0.0.1:7000'\ndata='a'\n",
                                   "x.toml", kv_language);
    EXPECT_TRUE(config) << config.error().text;
    return config->services[0].state;
  };
  EXPECT_EQ(kept(""), us::state_kind::memory);
  EXPECT_EQ(kept("state='memory'\n"), us::state_kind::memory);
  EXPECT_EQ(kept("state='rocksdb'\n"), us::state_kind::rocksdb);
}

TEST(Config, ReadsHowManyPartitionsAServiceHas) {
  const auto partitions = [](const std::string& service) {
    auto config = us::parse_config("[cluster]\nname='x'\n[service.kv]\n" + service +
                                       "[[node]]\nname='a'\naddress='127.0.0.1:7000'\ndata='a'\n",
                                   "x.toml", kv_language);
    EXPECT_TRUE(config) << config.error().text;
    return config->services[0].partitions;
  };
  EXPECT_EQ(partitions(""), 1u);
  EXPECT_EQ(partitions("partitions=32\n"), 32u);
  EXPECT_EQ(partitions("partitions=4096\n"), 4096u);
}

TEST(Config, InsecureAllowsAddressesBeyondLoopback) {
  auto config = us::parse_config(
      "[cluster]\nname='x'\ninsecure=true\n[service.kv]\n"
      "[[node]]\nname='a'\naddress='10.0.0.1:7000'\ndata='/var/lib/kv'\nredis='0.0.0.0:6379'\n"
      "[[node]]\nname='b'\naddress='10.0.0.2:7000'\ndata='/var/lib/kv'\nredis='0.0.0.0:6379'\n",
      "x.toml", kv_language);
  ASSERT_TRUE(config) << config.error().text;
  EXPECT_TRUE(config->insecure);
}

}  // namespace
