// guard between real hosts: processes, interfaces, a client that asks every 2 ms.
// Nothing here asserts how fast; tests/bench/failover measures that.
#include "tests/vip/guard_hosts.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <fstream>

namespace us::test {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

class Guard : public ::testing::Test {
 protected:
  void SetUp() override {
    if (auto why = no_namespaces(); !why.empty()) GTEST_SKIP() << why;
  }
  /// Starts all, a active.
  void begin(guard_options how = {}) {
    hosts_ = std::make_unique<guard_hosts>(std::move(how));
    hosts_->start_all();
    ASSERT_TRUE(hosts_->answered_by("a"));
  }
  void report(const char* what, test_clock::time_point since) {
    const auto gap = hosts_->longest_gap(since, test_clock::now());
    std::printf("%s: longest time without an answer %.1f ms\n", what,
                static_cast<double>(gap.count()) / 1000);
  }
  guard_hosts& hosts() { return *hosts_; }

  std::unique_ptr<guard_hosts> hosts_;
};

TEST_F(Guard, OfTwoThatStartAtOnceThePreferredBecomesActiveAlone) {
  begin();
  EXPECT_TRUE(hosts().address_is_only_at("a"));
}

TEST_F(Guard, TakesOverWhenTheActiveIsKilledAndTheKernelRemovesItsAddress) {
  begin();
  const auto killed = test_clock::now();
  hosts().kill("a");
  ASSERT_TRUE(hosts().answered_by("b"));
  report("kill -9", killed);
  EXPECT_TRUE(hosts().address_is_only_at("b")) << "a's address has a lifetime in its kernel";
  hosts().start("a");
  ASSERT_TRUE(hosts().log_has("a", "role=passive"));
  EXPECT_TRUE(hosts().answered_by("b")) << "it does not take it back";
}

// Both machines answer for the address until a's kernel removes it, and the client learns a's again
// and again: it hears of b soon after nobody is there.
TEST_F(Guard, WhoLearnedTheDeadActivesMachineMeanwhileLearnsAnew) {
  begin();
  hosts().kill("a");
  ASSERT_TRUE(hosts().answered_by("b"));
  std::string mac;
  ASSERT_EQ(
      run_command(
          {"ip", "netns", "exec", hosts().net().of("a"), "cat", "/sys/class/net/e0/address"}, &mac),
      0);
  mac.erase(mac.find_last_not_of(" \n") + 1);
  const auto wrong = test_clock::now();
  ASSERT_TRUE(hosts().eventually([&] {
    hosts().net().ip("client", {"neigh", "replace", probed_hosts::address, "lladdr", mac, "dev",
                                "e0", "nud", "reachable"});
    return !hosts().net().has_address("a", probed_hosts::address);
  }));
  ASSERT_TRUE(hosts().answered_by("b"));
  EXPECT_LT(hosts().longest_gap(wrong, test_clock::now()), std::chrono::seconds{1});
}

// a is stopped for a while and goes on: it has let go before it does anything else.
TEST_F(Guard, AnActiveThatWasStoppedDoesNotAnswerWhenItWakes) {
  begin({.vip = "heartbeat_ms = 100\nkernel_lifetime_s = 0\n"});
  hosts().signal("a", SIGSTOP);
  ASSERT_TRUE(hosts().answered_by("b"));
  ASSERT_TRUE(hosts().net().has_address("a", guard_hosts::address)) << "its kernel still has it";
  const auto woken = test_clock::now();
  hosts().signal("a", SIGCONT);
  ASSERT_TRUE(hosts().address_is_only_at("b"));
  ASSERT_TRUE(hosts().log_has("a", "is no longer active"));
  ASSERT_TRUE(hosts().answered_by("b"));
  EXPECT_EQ(hosts().answers("a", woken), 0);
}

TEST_F(Guard, TheKernelTakesTheAddressFromAStoppedActive) {
  begin({.vip = "heartbeat_ms = 100\nkernel_lifetime_s = 1\n"});
  hosts().signal("a", SIGSTOP);
  ASSERT_TRUE(hosts().answered_by("b"));
  EXPECT_TRUE(hosts().address_is_only_at("b"));
}

TEST_F(Guard, TakesOverWhenTheActivesLinkIsDown) {
  begin();
  const auto cut = test_clock::now();
  hosts().net().link("a", false);
  ASSERT_TRUE(hosts().answered_by("b"));
  report("link down", cut);
  EXPECT_TRUE(hosts().log_has("a", "stands aside: e0 is down"));
  EXPECT_TRUE(hosts().address_is_only_at("b"));
  hosts().net().link("a", true);
  EXPECT_TRUE(hosts().log_has("a", "nothing is wrong any more"));
  EXPECT_TRUE(hosts().answered_by("b"));
}

// a -> b lost, b -> a heard.
TEST_F(Guard, WhenOnlyItsOwnBeatsAreLostTheActiveLetsGo) {
  begin();
  std::string ignored;
  run_command({"ip", "netns", "exec", hosts().net().of("a"), "nft",
               "add table ip t; add chain ip t o { type filter hook output priority 0; }; "
               "add rule ip t o udp dport 7101 drop"});
  ASSERT_TRUE(hosts().answered_by("b"));
  EXPECT_TRUE(hosts().address_is_only_at("b"));
  EXPECT_TRUE(hosts().log_has("a", "is active with a newer claim"));
}

// {a} | {b, client}: both are active; healed, b stays, announces again, and a says for how long.
TEST_F(Guard, AfterASplitSwitchHealsOneStaysAndTheOverlapIsReported) {
  begin();
  hosts().net().ip("switch", {"link", "set", "e0a", "nomaster"});
  ASSERT_TRUE(hosts().answered_by("b"));
  ASSERT_TRUE(hosts().net().has_address("a", guard_hosts::address)) << "it knows of nobody else";
  hosts().net().ip("switch", {"link", "set", "e0a", "master", "br0"});
  ASSERT_TRUE(hosts().address_is_only_at("b"));
  EXPECT_TRUE(hosts().log_has("a", "were both active for"));
  EXPECT_TRUE(hosts().answered_by("b"));
}

TEST_F(Guard, ASecondPathKeepsTheActiveInPlace) {
  begin({.second_path = true});
  run_command({"ip", "netns", "exec", hosts().net().of("a"), "nft",
               "add table ip t; add chain ip t o { type filter hook output priority 0; }; "
               "add rule ip t o udp dport 7101 drop"});
  // As long as it would take to notice, several times over: answers by a, none by b.
  const auto since = test_clock::now();
  EXPECT_TRUE(hosts().answered_by("a", 1000));
  EXPECT_EQ(hosts().answers("b", since), 0);
}

TEST_F(Guard, AStrangerWithTheAddressIsReportedAndNotJoined) {
  hosts_ = std::make_unique<guard_hosts>(guard_options{});
  hosts().net().ip("client", {"addr", "add", "10.77.0.100/24", "dev", "e0"});
  hosts().start_all();
  for (const auto* host : {"a", "b"})
    EXPECT_TRUE(hosts().log_has(host, "stands aside: the address is in use by a stranger"));
  hosts().net().ip("client", {"addr", "del", "10.77.0.100/24", "dev", "e0"});
  EXPECT_TRUE(hosts().eventually([&] {
    return hosts().net().has_address("a", guard_hosts::address) ||
           hosts().net().has_address("b", guard_hosts::address);
  }));
}

TEST_F(Guard, HandsOverWhenItStopsAndWhenAskedTo) {
  begin();
  std::string output;
  const auto asked = test_clock::now();
  EXPECT_EQ(hosts().command("a", {"handover", "--config", hosts().config()}, output), 0) << output;
  ASSERT_TRUE(hosts().answered_by("b"));
  report("planned hand-over", asked);
  const auto stopped = test_clock::now();
  EXPECT_EQ(hosts().stop("b"), 0);
  ASSERT_TRUE(hosts().answered_by("a"));
  report("SIGTERM", stopped);
  EXPECT_TRUE(hosts().address_is_only_at("a"));
  EXPECT_EQ(hosts().command("a", {"handover", "--config", hosts().config()}, output), 1);
  EXPECT_NE(output.find("nobody took over from a"), std::string::npos) << output;
  EXPECT_EQ(hosts().stop("a"), 0);
  EXPECT_FALSE(hosts().net().has_address("a", guard_hosts::address));
}

TEST_F(Guard, TellsHooksWhatItBecameWithEpochAndReason) {
  const guard_options how{.more =
                              "[hook]\nactive = [\"/bin/sh\", \"-c\", \"echo $UNDERSTUDY_EVENT "
                              "$UNDERSTUDY_NODE epoch=$UNDERSTUDY_EPOCH $UNDERSTUDY_ADDRESSES "
                              "$1 $2\", \"hook\"]\n"};
  begin(how);
  EXPECT_TRUE(hosts().log_has("a", "active a epoch=1 10.77.0.100 active 1"));
  hosts().kill("a");
  EXPECT_TRUE(hosts().log_has("b", "active b epoch=2 10.77.0.100 active 2"));
}

TEST_F(Guard, ShowsItsStatusAndKeepsANodeAsideInMaintenance) {
  begin();
  std::string output;
  EXPECT_EQ(hosts().command("a", {"status", "--config", hosts().config()}, output), 0);
  EXPECT_NE(output.find("a             active       1       a"), std::string::npos) << output;
  EXPECT_NE(output.find("b             passive      1       a"), std::string::npos) << output;
  EXPECT_EQ(hosts().command("a", {"maintenance", "--config", hosts().config(), "--node", "a", "on"},
                            output),
            0);
  ASSERT_TRUE(hosts().answered_by("b"));
  EXPECT_TRUE(hosts().log_has("a", "stands aside: it is in maintenance"));
}

TEST_F(Guard, WithALeaseAndAWitnessTheNextTakesOverOnceTheLeaseIsOver) {
  begin({.hosts = {"a", "b", "w"},
         .vip = "heartbeat_ms = 100\nsafety = \"lease\"\nlease_ms = 500\nkernel_lifetime_s = 1\n",
         .witness = "w"});
  const auto killed = test_clock::now();
  hosts().kill("a");
  ASSERT_TRUE(hosts().answered_by("b"));
  report("kill -9 with a lease of 500 ms", killed);
  EXPECT_TRUE(hosts().address_is_only_at("b"));
}

TEST_F(Guard, WithoutCapabilitiesSaysWhichItNeeds) {
  hosts_ = std::make_unique<guard_hosts>(guard_options{});
  const inside there{hosts().net(), "a"};
  std::string output;
  const auto code =
      run_command({"capsh", "--drop=cap_net_admin,cap_net_raw", "--", "-c",
                   std::string{GUARD_PROGRAM} + " run --config " + hosts().config() + " --node a"},
                  &output);
  EXPECT_EQ(code, 1);
  EXPECT_NE(output.find("needs CAP_NET_ADMIN and CAP_NET_RAW"), std::string::npos) << output;
}

}  // namespace
}  // namespace us::test
