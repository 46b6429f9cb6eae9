// The exact text of every error: they are part of the interface.
#include "runtime/config/config.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace {

const us::config_language kv_language{{"kv"}, {"redis"}};

std::string error_of(std::string_view text) {
  auto config = us::parse_config(text, "demo.toml", kv_language);
  return config ? "accepted" : config.error().text;
}

// Lines 1 to 3 are right; what follows begins in line 4.
std::string after_cluster(const std::string& text) {
  return error_of("[cluster]\nname = \"demo\"\n[service.kv]\n" + text);
}

// Lines 4 to 7 are a right node; what follows begins in line 8.
std::string after_node(const std::string& text) {
  return after_cluster("[[node]]\nname = \"a\"\naddress = \"127.0.0.1:7101\"\ndata = \"data/a\"\n" +
                       text);
}

TEST(ConfigError, NamesUnknownKeysAndWhatWasMeant) {
  EXPECT_EQ(after_cluster("[[node]]\nname = \"a\"\nadress = \"127.0.0.1:7101\"\n"),
            "demo.toml:6: node.adress: unknown key; did you mean address?");
  EXPECT_EQ(error_of("[cluster]\nname = \"x\"\nprofil = \"lan\"\n"),
            "demo.toml:3: cluster.profil: unknown key; did you mean profile?");
  EXPECT_EQ(error_of("[custer]\n"), "demo.toml:1: custer: unknown key; did you mean cluster?");
  EXPECT_EQ(after_node("rediss = \"127.0.0.1:6101\"\n"),
            "demo.toml:8: node.rediss: unknown key; did you mean redis?");
  EXPECT_EQ(after_node("zone = \"x\"\n"),
            "demo.toml:8: node.zone: unknown key; known are name, address, admin, data, "
            "priority or redis");
}

TEST(ConfigError, SaysWhichNodesCanBeWitnesses) {
  const auto with = [](const std::string& witnesses) {
    std::string text = "witnesses = " + witnesses + "\n";
    for (const std::string node : {"a", "b", "c"})
      text += "[[node]]\nname = \"" + node +
              "\"\naddress = \"127.0.0.1:" + std::to_string(7000 + node.front()) +
              "\"\ndata = \"data/" + node + "\"\n";
    return after_cluster(text);
  };
  EXPECT_EQ(with("[\"c\"]"), "accepted");
  EXPECT_EQ(with("\"c\""),
            "demo.toml:4: service.kv.witnesses: must be an array of strings, is a string");
  EXPECT_EQ(with("[\"d\"]"), "demo.toml:4: service.kv.witnesses: there is no node \"d\"");
  EXPECT_EQ(with("[\"c\", \"c\"]"), "demo.toml:4: service.kv.witnesses: \"c\" is in it twice");
  EXPECT_EQ(with("[\"b\", \"c\"]"),
            "demo.toml:4: service.kv.witnesses: fewer than half of the nodes may be witnesses, so "
            "that every majority has one that keeps the records: 2 of 3");
  EXPECT_EQ(after_cluster("replication = \"none\"\nwitnesses = []\n"),
            "demo.toml:5: service.kv.witnesses: there is nothing to keep with replication = "
            "\"none\"; leave it out");
}

TEST(ConfigError, SaysWhichPrioritiesNodesCanHave) {
  const auto with = [](const std::string& a, const std::string& b, const std::string& c,
                       const std::string& witnesses = "") {
    std::string text = witnesses;
    char name = 'a';
    for (const auto& priority : {a, b, c}) {
      const std::string node{name++};
      text += "[[node]]\nname = \"" + node +
              "\"\naddress = \"127.0.0.1:" + std::to_string(7000 + node.front()) +
              "\"\ndata = \"data/" + node + "\"\npriority = " + priority + "\n";
    }
    return after_cluster(text);
  };
  EXPECT_EQ(with("0", "100", "0"), "accepted");
  EXPECT_EQ(after_node("priority = -1\n"),
            "demo.toml:8: node.priority: must be from 0 to 100, is -1");
  EXPECT_EQ(after_node("priority = 101\n"),
            "demo.toml:8: node.priority: must be from 0 to 100, is 101");
  EXPECT_EQ(after_node("priority = \"high\"\n"),
            "demo.toml:8: node.priority: must be an integer, is a string");
  const std::string nobody =
      "demo.toml:3: service.kv: no node may lead: each has priority = 0 or is a witness; give one "
      "that is none a priority above 0";
  EXPECT_EQ(with("0", "0", "0"), nobody);
  EXPECT_EQ(with("0", "0", "5", "witnesses = [\"c\"]\n"), nobody);
  EXPECT_EQ(with("0", "3", "5", "witnesses = [\"c\"]\n"), "accepted");
}

TEST(ConfigError, SaysWhichPartitionsAServiceCanHave) {
  EXPECT_EQ(after_cluster("partitions = 0\n"),
            "demo.toml:4: service.kv.partitions: must be from 1 to 4096, is 0");
  EXPECT_EQ(after_cluster("partitions = 4097\n"),
            "demo.toml:4: service.kv.partitions: must be from 1 to 4096, is 4097");
  EXPECT_EQ(after_cluster("partitions = \"8\"\n"),
            "demo.toml:4: service.kv.partitions: must be an integer, is a string");
  EXPECT_EQ(after_cluster("replication = \"none\"\npartitions = 8\n"),
            "demo.toml:5: service.kv.partitions: there is nothing to keep with replication = "
            "\"none\"; leave it out");
  EXPECT_EQ(after_cluster("failover = \"active-passive\"\npartitions = 8\n"),
            "demo.toml:5: service.kv.partitions: addresses follow one leader, and each partition "
            "has a leader of its own; leave it out or use failover = \"active-active\"");
  auto undivided = kv_language;
  undivided.undivided["kv"] = "Sum";
  const auto config = us::parse_config("[cluster]\nname = \"x\"\n[service.kv]\npartitions = 2\n",
                                       "demo.toml", undivided);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().text,
            "demo.toml:4: service.kv.partitions: must be 1: the request Sum of kv does not say "
            "which partition it belongs to");
}

TEST(ConfigError, ReportsTheFirstUnknownKeyOfATable) {
  EXPECT_EQ(error_of("[cluster]\nzz = 1\naa = 2\n"),
            "demo.toml:2: cluster.zz: unknown key; known are name, profile or insecure");
}

TEST(ConfigError, NamesWrongTypes) {
  EXPECT_EQ(error_of("[cluster]\nname = 7\n"),
            "demo.toml:2: cluster.name: must be a string, is an integer");
  EXPECT_EQ(error_of("[cluster]\nname = \"x\"\ninsecure = \"yes\"\n"),
            "demo.toml:3: cluster.insecure: must be true or false, is a string");
  EXPECT_EQ(error_of("cluster = 3\n"),
            "demo.toml:1: cluster: must be a table: [cluster], is an integer");
  EXPECT_EQ(after_cluster("[node]\nname = \"a\"\n"),
            "demo.toml:4: node: must be an array of tables: [[node]], is a table");
  EXPECT_EQ(after_cluster("[timing]\nheartbeat_ms = 1.5\n"),
            "demo.toml:5: timing.heartbeat_ms: must be an integer, is a floating-point number");
  EXPECT_EQ(error_of("[cluster]\nname = \"x\"\n[service]\nkv = 1\n"),
            "demo.toml:4: service.kv: must be a table: [service.kv], is an integer");
}

TEST(ConfigError, NamesWhatIsMissing) {
  EXPECT_EQ(error_of(""), "demo.toml:1: cluster: missing; a configuration begins with [cluster]");
  EXPECT_EQ(error_of("[cluster]\nprofile = \"lan\"\n"), "demo.toml:1: cluster.name: missing");
  EXPECT_EQ(error_of("[cluster]\nname = \"x\"\n"),
            "demo.toml:1: service.kv: missing; add a table [service.kv]");
  EXPECT_EQ(after_cluster(""), "demo.toml:1: node: missing; add a table [[node]] for each node");
  EXPECT_EQ(after_cluster("node = []\n"),
            "demo.toml:4: service.kv.node: unknown key; known are "
            "failover, replication, acknowledge, in_sync_lag_ms, durability, "
            "sync_interval_ms, state, read_lease, clock_drift_ppm, partitions or witnesses");
  EXPECT_EQ(after_cluster("[[node]]\nname = \"a\"\ndata = \"d\"\n"),
            "demo.toml:4: node.address: missing");
  EXPECT_EQ(after_cluster("[[node]]\nname = \"a\"\naddress = \"127.0.0.1:7101\"\n"),
            "demo.toml:4: node.data: missing");
}

TEST(ConfigError, NamesValuesOutOfRange) {
  EXPECT_EQ(after_cluster("[timing]\nheartbeat_ms = 0\n"),
            "demo.toml:5: timing.heartbeat_ms: must be from 1 to 3600000, is 0");
  EXPECT_EQ(after_cluster("[timing]\nphi_threshold = 0.5\n"),
            "demo.toml:5: timing.phi_threshold: must be from 1 to 100, is 0.5");
  EXPECT_EQ(after_cluster("[timing]\nheartbeat_ms = 300\n"),
            "demo.toml:4: timing.heartbeat_silence_max_ms: must be at least twice heartbeat_ms "
            "(300), is 400");
  EXPECT_EQ(after_cluster("[timing]\nelection_timeout_min_ms = 30\n"),
            "demo.toml:5: timing.election_timeout_min_ms: must be at least twice leader_beat_ms "
            "(20), is 30");
  EXPECT_EQ(after_cluster("[link]\nmax_inflight = 1000\n"),
            "demo.toml:5: link.max_inflight: must be from 1048576 to 1099511627776, is 1000");
  EXPECT_EQ(after_cluster("[log]\nsnapshots_at_once = 0\n"),
            "demo.toml:5: log.snapshots_at_once: must be from 1 to 64, is 0");
  EXPECT_EQ(after_cluster("[log]\nsnapshot_bytes = 1\n"),
            "demo.toml:5: log.snapshot_bytes: must be from 65536 to 1099511627776, is 1");
  EXPECT_EQ(
      error_of("[cluster]\nname = \"x\"\nprofile = \"land\"\n"),
      "demo.toml:3: cluster.profile: \"land\" is not fast, local, lan or wan; did you mean lan?");
}

TEST(ConfigError, RefusesNamesThatFitNoLabel) {
  const std::string tail = " is no name: 1 to 63 of a-z, 0-9 and -";
  EXPECT_EQ(error_of("[cluster]\nname = \"My Cluster\"\n"),
            "demo.toml:2: cluster.name: \"My Cluster\"" + tail);
  EXPECT_EQ(after_cluster("[[node]]\nname = \"\"\n"), "demo.toml:5: node.name: \"\"" + tail);
  auto longest = std::string(64, 'a');
  EXPECT_EQ(after_cluster("[[node]]\nname = \"" + longest + "\"\n"),
            "demo.toml:5: node.name: \"" + longest + "\"" + tail);
}

TEST(ConfigError, RefusesServicesThatTheProgramDoesNotHave) {
  EXPECT_EQ(error_of("[cluster]\nname = \"x\"\n[service.counter]\n"),
            "demo.toml:3: service.counter: this program has no such service; it has kv");
}

TEST(ConfigError, RefusesPatternsThatThisVersionDoesNotHave) {
  EXPECT_EQ(after_cluster("replication = \"leaderless\"\n"),
            "demo.toml:4: service.kv.replication: \"leaderless\" is not available in this version; "
            "use \"leader-follower\" or \"none\"");
  EXPECT_EQ(after_cluster("replication = \"leader-folower\"\n"),
            "demo.toml:4: service.kv.replication: \"leader-folower\" is not none, leader-follower, "
            "leader-leader or leaderless; did you mean leader-follower?");
}

TEST(ConfigError, RefusesModesThatMakeNoSense) {
  EXPECT_EQ(after_cluster("acknowledge = \"asinc\"\n"),
            "demo.toml:4: service.kv.acknowledge: \"asinc\" is not async, quorum or all; did you "
            "mean async?");
  EXPECT_EQ(after_cluster("clock_drift_ppm = 30\n"),
            "demo.toml:4: service.kv.clock_drift_ppm: is of read_lease = true; set that or leave "
            "this out");
  EXPECT_EQ(after_cluster("read_lease = true\nclock_drift_ppm = 0\n").substr(0, 46),
            "demo.toml:5: service.kv.clock_drift_ppm: must ");
  EXPECT_EQ(after_cluster("in_sync_lag_ms = 30\n"),
            "demo.toml:4: service.kv.in_sync_lag_ms: must be at least twice leader_beat_ms (20), "
            "is 30");
  EXPECT_EQ(after_cluster("replication = \"none\"\nin_sync_lag_ms = 500\n"),
            "demo.toml:5: service.kv.in_sync_lag_ms: there is nothing to acknowledge with "
            "replication = \"none\"; leave it out");
  EXPECT_EQ(after_cluster("durability = \"sync\"\n"),
            "demo.toml:4: service.kv.durability: \"sync\" is not fsync or interval; did you mean "
            "fsync?");
  EXPECT_EQ(
      after_cluster("sync_interval_ms = 50\n"),
      "demo.toml:4: service.kv.sync_interval_ms: is of durability = \"interval\"; set that or "
      "leave this out");
  EXPECT_EQ(after_cluster("durability = \"interval\"\nsync_interval_ms = 0\n"),
            "demo.toml:5: service.kv.sync_interval_ms: must be from 1 to 60000, is 0");
  EXPECT_EQ(after_cluster("replication = \"none\"\ndurability = \"interval\"\n"),
            "demo.toml:5: service.kv.durability: there is nothing to keep with replication = "
            "\"none\"; leave it out");
  EXPECT_EQ(after_cluster("state = \"rocksdv\"\n"),
            "demo.toml:4: service.kv.state: \"rocksdv\" is not memory or rocksdb; did you mean "
            "rocksdb?");
  EXPECT_EQ(after_cluster("replication = \"none\"\nstate = \"rocksdb\"\n"),
            "demo.toml:5: service.kv.state: there is nothing to keep with replication = "
            "\"none\"; leave it out");
  EXPECT_EQ(after_cluster("[log]\nlosses_bytes = 1\n"),
            "demo.toml:5: log.losses_bytes: must be from 65536 to 1099511627776, is 1");
}

TEST(ConfigError, RefusesTwoNodesOfOneName) {
  EXPECT_EQ(after_node("[[node]]\nname = \"a\"\naddress = \"127.0.0.1:7102\"\ndata = \"b\"\n"),
            "demo.toml:9: node.name: another node is called \"a\"");
}

TEST(ConfigError, RefusesTwoListenersAtOnePlace) {
  EXPECT_EQ(after_node("[[node]]\nname = \"b\"\naddress = \"127.0.0.1:7102\"\n"
                       "redis = \"localhost:7101\"\ndata = \"b\"\n"),
            "demo.toml:11: node.redis: localhost:7101 is taken by node a's address");
  EXPECT_EQ(after_node("admin = \"127.0.0.1:7101\"\n"),
            "demo.toml:8: node.admin: 127.0.0.1:7101 is taken by node a's address");
}

TEST(ConfigError, RefusesTwoNodesInOneDirectory) {
  EXPECT_EQ(
      after_node("[[node]]\nname = \"b\"\naddress = \"127.0.0.1:7102\"\n"
                 "data = \"data/./a/\"\n"),
      "demo.toml:11: node.data: \"data/./a/\" is node a's directory; each node needs its own");
}

TEST(ConfigError, RefusesAddressesBeyondLoopbackUnlessInsecure) {
  EXPECT_EQ(after_cluster("[[node]]\nname = \"a\"\naddress = \"10.0.0.1:7101\"\ndata = \"a\"\n"),
            "demo.toml:6: node.address: 10.0.0.1:7101 is beyond loopback: that needs TLS, which is "
            "not available yet, or insecure = true in [cluster] on a network that you trust");
  EXPECT_EQ(after_node("redis = \"0.0.0.0:6379\"\n"),
            "demo.toml:8: node.redis: 0.0.0.0:6379 is beyond loopback: that needs TLS, which is "
            "not available yet, or insecure = true in [cluster] on a network that you trust");
}

TEST(ConfigError, RefusesAnAddressThatNobodyCanReach) {
  EXPECT_EQ(after_cluster("[[node]]\nname = \"a\"\naddress = \"0.0.0.0:7101\"\ndata = \"a\"\n"),
            "demo.toml:6: node.address: others cannot reach a node at 0.0.0.0; name one address of "
            "this machine");
  EXPECT_EQ(after_cluster("[[node]]\nname = \"a\"\naddress = \"7101\"\ndata = \"a\"\n"),
            "demo.toml:6: node.address: \"7101\" is no host:port (the port is missing), such as "
            "\"127.0.0.1:7101\"");
}

TEST(ConfigError, NamesTheLineOfBrokenToml) {
  auto text = error_of("[cluster]\nname = \n");
  EXPECT_EQ(text.rfind("demo.toml:2: not valid TOML: ", 0), 0u) << text;
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
}

TEST(ConfigError, NamesAFileThatCannotBeRead) {
  auto missing = us::load_config("no-such.toml", kv_language);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().text, "no-such.toml: cannot be read: No such file or directory");
  auto directory = us::load_config("/", kv_language);
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().text, "/: cannot be read: it is a directory");
}

TEST(ConfigError, ReadsAnEmptyFileAsOneThatSaysNothing) {
  auto path = std::filesystem::path{testing::TempDir()} / "empty-config-test.toml";
  std::ofstream{path};
  auto config = us::load_config(path.string(), kv_language);
  std::filesystem::remove(path);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().text,
            path.string() + ":1: cluster: missing; a configuration begins with [cluster]");
}

}  // namespace
