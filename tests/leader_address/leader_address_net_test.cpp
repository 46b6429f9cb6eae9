// kv between real hosts, its address at the leader: processes, interfaces, a Redis client.
#include "tests/cluster/redis_client.hpp"
#include "tests/leader_address/kv_hosts.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace us::test {
namespace {

using std::chrono::seconds;

/// Writes key after key at the virtual address, each until it is acknowledged.
class writer {
 public:
  /// Whether `count` more were acknowledged within the limit.
  bool write(int count, seconds limit = seconds{60}) {
    const auto until = test_clock::now() + limit;
    for (int done = 0; done < count && test_clock::now() < until;)
      if (set(next_)) {
        written_.insert(next_++);
        ++done;
        const auto now = test_clock::now();
        longest_gap_ = std::max(longest_gap_, now - last_.value_or(now));
        last_ = now;
      }
    return test_clock::now() < until;
  }

  /// The keys that are not what was acknowledged.
  std::set<int> lost() {
    std::set<int> found;
    for (const auto each : written_) {
      redis_client::answer answer;
      for (int attempt = 0; attempt < 20 && answer.what != redis_client::answer::kind::ok;
           ++attempt)
        answer = run({"GET", key(each)});
      if (answer.text != std::to_string(each)) found.insert(each);
    }
    return found;
  }

  double longest_gap_ms() const {
    return std::chrono::duration<double, std::milli>(longest_gap_).count();
  }

 private:
  static std::string key(int number) { return "k" + std::to_string(number); }

  redis_client::answer run(const std::vector<std::string>& command) {
    if (!client_.connected() && !client_.connect(kv_hosts::address, kv_hosts::redis_port, 500))
      return {};
    return client_.run(command);
  }
  bool set(int number) {
    return run({"SET", key(number), std::to_string(number)}).what == redis_client::answer::kind::ok;
  }

  redis_client client_;
  int next_ = 0;
  std::set<int> written_;
  std::optional<test_clock::time_point> last_;
  test_clock::duration longest_gap_{};
};

class LeaderAddressHosts : public ::testing::Test {
 protected:
  void SetUp() override {
    if (auto why = no_namespaces(); !why.empty()) GTEST_SKIP() << why;
  }
};

// {a, b, c}, kill -9 of the leader under writes at the virtual address.
TEST_F(LeaderAddressHosts, WritesGoOnAtTheAddressAndNoneIsLost) {
  kv_hosts hosts;
  hosts.start_all();
  const inside there{hosts.net(), "client"};
  writer client;
  ASSERT_TRUE(client.write(50)) << "nobody answers at the address";
  const auto former = hosts.holder();
  ASSERT_FALSE(former.empty());
  hosts.kill(former);
  ASSERT_TRUE(client.write(50)) << "nobody took over";
  std::printf("kill -9 of the leader: longest time without a write %.0f ms\n",
              client.longest_gap_ms());
  EXPECT_TRUE(hosts.eventually([&] { return !hosts.holder().empty(); }));
  EXPECT_TRUE(hosts.address_is_only_at(hosts.holder()));
  EXPECT_EQ(client.lost(), std::set<int>{});
  hosts.start(former);
  ASSERT_TRUE(client.write(20));
  EXPECT_NE(hosts.holder(), former) << "it does not take it back";
}

TEST_F(LeaderAddressHosts, ANodeThatCannotHoldTheAddressDoesNotStart) {
  kv_hosts hosts{"nope0"};
  const inside there{hosts.net(), "a"};
  std::string output;
  EXPECT_EQ(run_command({KV_PROGRAM, "run", "--config", hosts.config(), "--node", "a"}, &output),
            1);
  EXPECT_NE(output.find("nope0"), std::string::npos) << output;
}

TEST_F(LeaderAddressHosts, WithoutCapabilitiesSaysWhichItNeeds) {
  kv_hosts hosts;
  const inside there{hosts.net(), "a"};
  std::string command = KV_PROGRAM;
  command += " run --node a --config " + hosts.config();
  std::string output;
  const auto code =
      run_command({"capsh", "--drop=cap_net_admin,cap_net_raw", "--", "-c", command}, &output);
  EXPECT_EQ(code, 1);
  EXPECT_NE(output.find("needs CAP_NET_ADMIN and CAP_NET_RAW"), std::string::npos) << output;
}

TEST_F(LeaderAddressHosts, NodesOfOneMachineAreRefused) {
  kv_hosts hosts;
  for (const auto* command : {"run", "cluster"}) {
    std::string output;
    EXPECT_EQ(run_command({KV_PROGRAM, command, "--config", hosts.config()}, &output), 2);
    EXPECT_NE(output.find("run each node on its own, with run --node NAME"), std::string::npos)
        << output;
  }
}

}  // namespace
}  // namespace us::test
