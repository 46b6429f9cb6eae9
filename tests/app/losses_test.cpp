// The loss journal from outside: what an async leader acknowledged and nobody else had is listed,
// exported and submitted again, over real processes on loopback.
#include "actors/app/http.hpp"
#include "runtime/live/live_disk.hpp"
#include "runtime/loss/loss_files.hpp"
#include "runtime/service/record.hpp"
#include "tests/app/program.hpp"

#include <capnp/message.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <memory>
#include <regex>

#include "apps/counter/counter.capnp.h"

namespace {

using testing::HasSubstr;

const std::string counter = COUNTER_PROGRAM;

class Losses : public testing::Test {
 protected:
  Losses() {
    write(file_, 3);
    write(file_of_nobody_, 6);
  }

  /// `http`: where in ports_ those of the nodes' HTTP are.
  void write(const std::string& file, std::size_t http) const {
    // A leader without followers goes on for twice the election timeout: time to be written to.
    std::ofstream out{file};
    out << "[cluster]\nname = \"demo\"\n[timing]\nelection_timeout_min_ms = 4000\n"
        << "[service.counter]\nacknowledge = \"async\"\n";
    for (unsigned i = 0; i < 3; ++i) {
      const std::string name(1, static_cast<char>('a' + i));
      out << "[[node]]\nname = \"" << name << "\"\naddress = \"127.0.0.1:" << ports_[i]
          << "\"\nadmin = \"127.0.0.1:" << ports_[http + i] << "\"\ndata = \"" << data(name)
          << "\"\n";
    }
  }

  std::string data(const std::string& node) const { return directory_.path() + "/" + node; }
  void start(const std::string& node) {
    nodes_[node] = std::make_unique<test::program>(
        counter, std::vector<std::string>{"run", "--config", file_, "--node", node});
  }
  void kill(const std::string& node) { nodes_.erase(node); }
  test::ended run(const std::string& command, std::vector<std::string> more) {
    more.insert(more.begin(), {command, "--config", file_});
    return test::run(counter, more);
  }
  /// Exit code 0, once the cluster has a leader.
  test::ended add(int amount, const std::string& node) {
    return run("call",
               {"--node", node, "Add", R"({"name":"x","amount":)" + std::to_string(amount) + "}"});
  }
  /// The counter, and that adding nothing to it went well.
  int value(const std::string& node) {
    const auto read = add(0, node);
    std::smatch total;
    EXPECT_TRUE(std::regex_search(read.output, total, std::regex{"\"value\":([0-9]+)"}))
        << read.output;
    return total.empty() ? -1 : std::stoi(total[1]);
  }
  us::endpoint admin(const std::string& node) const {
    return {"127.0.0.1", ports_[3 + static_cast<unsigned>(node[0] - 'a')]};
  }
  /// The newest entry of a node's log; empty: it does not answer.
  std::string last_index(const std::string& node) const {
    const auto status =
        us::http_call(admin(node), {"GET", "/api/v1/status", ""}, std::chrono::seconds{30});
    std::smatch match;
    if (!status || !std::regex_search((*status).body, match, std::regex{"\"last_index\":[0-9]+"}))
      return {};
    return match[0];
  }
  /// A request that is in the log of `node`, and is answered once a majority has it.
  std::unique_ptr<test::program> add_by_quorum(int amount, const std::string& node) {
    const auto before = last_index(node);
    auto asking = std::make_unique<test::program>(
        counter, std::vector<std::string>{
                     "call", "--config", file_, "--node", node, "--acknowledge", "quorum", "Add",
                     R"({"name":"x","amount":)" + std::to_string(amount) + "}"});
    EXPECT_TRUE(eventually([&] {
      const auto now = last_index(node);
      return !now.empty() && now != before;
    }));
    return asking;
  }
  void replays_what_was_refused(const std::string& data);
  void replays_copies_and_uncertain_ones_when_asked(const std::string& node);
  test::ended losses(std::vector<std::string> more) {
    more.insert(more.begin(), {"losses", "--data"});
    return test::run(counter, more);
  }
  template <class F>
  static bool eventually(F done) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{90};
    while (!done())
      if (std::chrono::steady_clock::now() > until) return false;
    return true;
  }
  std::string leader() {
    std::string found;
    EXPECT_TRUE(eventually([&] {
      const auto status = run("status", {"--json"});
      std::smatch match;
      if (status.code == 0 &&
          std::regex_search(status.output, match, std::regex{"\"leader\":\"([abc])\""}))
        found = match[1];
      return !found.empty();
    }));
    return found;
  }

  test::temporary_directory directory_;
  std::string file_ = directory_.path() + "/counter.toml";
  /// Where nobody listens, which is as when no node can be reached.
  std::string file_of_nobody_ = directory_.path() + "/nobody.toml";
  std::vector<std::uint16_t> ports_ = test::free_ports(9);
  std::map<std::string, std::unique_ptr<test::program>> nodes_;
};

us::loss lost_add(std::uint64_t index, int amount, const std::string& from) {
  capnp::MallocMessageBuilder memory;
  auto request = memory.initRoot<::counter::Add>();
  request.setName("x");
  request.setAmount(amount);
  us::loss what;
  what.key = {{9}, {index}, 0};
  what.service = "counter";
  what.from = from;
  what.node = "a";
  what.keys = {"x"};
  what.type = capnp::typeId<::counter::Add>();
  what.body = us::to_bytes(memory);
  return what;
}

/// The one lost request in it: noted as refused while nobody is reached, and submitted after that.
void Losses::replays_what_was_refused(const std::string& data) {
  const auto refused = losses({data, "--replay", "--config", file_of_nobody_});
  EXPECT_EQ(refused.code, 1) << refused.output;
  EXPECT_THAT(refused.output, HasSubstr("0 replayed, 1 not"));
  EXPECT_THAT(losses({data}).output, HasSubstr("counter  acknowledged  replay refused"));
  const auto replayed = losses({data, "--replay", "--config", file_});
  EXPECT_EQ(replayed.code, 0) << replayed.output;
  EXPECT_THAT(replayed.output, HasSubstr("1 replayed, 0 not"));
}

/// Of a journal that the test writes: a copy of what another node executed, and two of which the
/// replica learnt by its log what became of them.
void Losses::replays_copies_and_uncertain_ones_when_asked(const std::string& node) {
  const auto data = directory_.path() + "/old-disk";
  {
    const auto disk = us::live_disk::open_directory(data);
    ASSERT_TRUE(disk) << disk.error().text;
    us::loss_writer journal{*disk, "counter/losses", us::loss_file_kind::losses, 1u << 20};
    const auto copy = lost_add(1, 1000, "gone");
    const auto uncertain = lost_add(2, 10'000, "a");
    const auto without_effect = lost_add(3, 100'000, "a");
    const std::vector<std::string> entries{
        us::encode(copy), us::encode(uncertain), us::encode(without_effect),
        us::encode(us::loss_mark{uncertain.key, us::loss_state::UNCERTAIN}),
        us::encode(us::loss_mark{without_effect.key, us::loss_state::WITHOUT_EFFECT})};
    ASSERT_TRUE(journal.append(entries));
  }
  EXPECT_THAT(losses({data}).output, HasSubstr("from gone at a (copy)"));
  const auto before = value(node);
  const auto replay = [&](std::vector<std::string> flags) {
    flags.insert(flags.begin(), {data, "--replay", "--config", file_});
    return losses(flags).output;
  };
  EXPECT_THAT(replay({}), HasSubstr("0 replayed, 0 not"));
  EXPECT_THAT(replay({"--copies"}), HasSubstr("1 replayed, 0 not"));
  EXPECT_EQ(value(node), before + 1000);
  EXPECT_THAT(replay({"--uncertain"}), HasSubstr("2 replayed, 0 not"));
  EXPECT_EQ(value(node), before + 111'000);
  EXPECT_THAT(replay({"--copies", "--uncertain"}), HasSubstr("0 replayed, 0 not"));
}

// {a, b, c}, async: the followers are killed, the leader acknowledges one request, has another one
// that asked for a majority, and is killed; it comes back to a cluster that went on without both.
TEST_F(Losses, AreListedExportedAndReplayed) {
  for (const std::string node : {"a", "b", "c"}) start(node);
  const auto old = leader();
  std::vector<std::string> others;
  for (const std::string node : {"a", "b", "c"})
    if (node != old) others.push_back(node);
  ASSERT_EQ(add(1, old).code, 0);
  for (const auto& node : others) kill(node);
  const auto acknowledged = add(10, old);
  ASSERT_EQ(acknowledged.code, 0) << acknowledged.output;
  ASSERT_THAT(acknowledged.output, HasSubstr("\"value\":11"));
  const auto asking = add_by_quorum(20, old);
  kill(old);
  EXPECT_EQ(asking->wait(), 1) << "it was not acknowledged: " << asking->output();

  for (const auto& node : others) start(node);
  ASSERT_TRUE(eventually([&] { return add(100, others[0]).code == 0; }));
  start(old);
  test::ended listed;
  ASSERT_TRUE(eventually([&] {
    listed = losses({data(old)});
    return listed.output.find("1 acknowledged and lost, 1 unacknowledged and lost") !=
           std::string::npos;
  })) << listed.output;
  EXPECT_THAT(listed.output, HasSubstr("counter  acknowledged  lost"));
  EXPECT_THAT(listed.output, HasSubstr("from " + old + " at " + old + "  Add  keys x"));

  EXPECT_THAT(run("status", {}).output,
              HasSubstr("the loss journal of " + old + " for counter: 1 acknowledged"));
  const auto metrics = us::http_call(admin(old), {"GET", "/metrics", ""}, std::chrono::seconds{30});
  ASSERT_TRUE(metrics) << metrics.error().text;
  EXPECT_THAT((*metrics).body,
              HasSubstr("understudy_losses{kind=\"acknowledged\",service=\"counter\"} 1"));
  const auto exported = losses({data(old), "--json"});
  EXPECT_EQ(exported.code, 0);
  EXPECT_THAT(exported.output, HasSubstr("\"state\":\"lost\""));
  EXPECT_THAT(exported.output, HasSubstr("\"request\":{\"type\":\"Add\",\"body\":{"));
  EXPECT_THAT(exported.output, HasSubstr("\"amount\":10"));

  // The reported loss is the real one: 10 of what was acknowledged is not there.
  const auto before = value(old);
  EXPECT_EQ(before % 100, 1) << "1 survived, and 10 is lost";

  replays_what_was_refused(data(old));
  EXPECT_EQ(value(old), before + 10);
  const auto again = losses({data(old), "--replay", "--config", file_});
  EXPECT_THAT(again.output, HasSubstr("0 replayed, 0 not"));
  EXPECT_THAT(losses({data(old)}).output, HasSubstr("counter  acknowledged  replayed"));
  EXPECT_EQ(value(old), before + 10);
  replays_copies_and_uncertain_ones_when_asked(old);
}

TEST_F(Losses, OfADirectoryThatIsNotThereAreAnError) {
  const auto listed = losses({directory_.path() + "/nobody"});
  EXPECT_EQ(listed.code, 2);
  EXPECT_EQ(listed.output, "there is no directory " + directory_.path() + "/nobody\n");
  const auto without = test::run(counter, {"losses"});
  EXPECT_EQ(without.code, 2);
  EXPECT_THAT(without.output, HasSubstr("--data is required"));
}

TEST_F(Losses, AreNoneInADirectoryOfANodeThatLostNothing) {
  const auto none = losses({directory_.path()});
  EXPECT_EQ(none.code, 0);
  EXPECT_EQ(none.output,
            "0 acknowledged and lost, 0 unacknowledged and lost, 0 dropped by the bound\n");
}

}  // namespace
