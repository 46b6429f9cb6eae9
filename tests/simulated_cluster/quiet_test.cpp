// Groups that do nothing: no beats, and yet nothing is noticed later than the heartbeat monitor
// does.
#include "actors/simulation/gtest.hpp"
#include "apps/counter/counter_service.hpp"

#include <caf/send.hpp>

#include "apps/counter/counter.capnp.h"
#include "messages/leader_follower.capnp.h"

namespace us {
namespace {

using namespace std::chrono_literals;
using counter::Add;
using counter::Get;
using counter::Total;

constexpr std::uint32_t partitions = 8;

class QuietGroups : public testing::Test {
 protected:
  QuietGroups() {
    cluster_.network().watch([this](const sim::frame_seen& seen) {
      if (seen.type == capnp::typeId<message::AppendRequest>()) ++beats_;
    });
  }

  void settle() {
    ASSERT_TRUE(cluster_.elects_leader());
    cluster_.advance(5s);
  }
  std::size_t beats_during(duration length) {
    const auto before = beats_;
    cluster_.advance(length);
    return beats_ - before;
  }
  static std::string name_in(std::uint32_t partition) {
    for (int i = 0;; ++i)
      if (auto name = std::to_string(i); partition_of(name, partitions) == partition) return name;
  }
  simulated_call<Total> add(const std::string& at, std::uint32_t partition,
                            const submit_options& how = {}) {
    return cluster_.client_at(at).call<Add, Total>(
        [&](Add::Builder add) {
          add.setName(name_in(partition));
          add.setAmount(1);
        },
        how);
  }
  simulated_call<Total> get(const std::string& at, std::uint32_t partition) {
    return cluster_.client_at(at).call<Get, Total>(
        [&](Get::Builder get) { get.setName(name_in(partition)); });
  }

  simulated_cluster cluster_{{.seed = test_seed(), .partitions = partitions}, counter_service()};
  std::size_t beats_ = 0;
};

TEST_F(QuietGroups, SendNothing) {
  settle();
  EXPECT_EQ(beats_during(1min), 0u);
}

TEST_F(QuietGroups, AnswerAsEverAndAreQuietAgain) {
  settle();
  for (const auto& node : cluster_.nodes()) {
    auto added = add(node, 3);
    ASSERT_TRUE(cluster_.advance_until([&] { return added.ended(); }, 500ms)) << node;
    EXPECT_TRUE(added.done());
  }
  cluster_.advance(1s);
  EXPECT_EQ(beats_during(10s), 0u);
  auto read = get("b", 3);
  ASSERT_TRUE(cluster_.advance_until([&] { return read.ended(); }, 500ms));
  EXPECT_EQ(read.reply().getValue(), 3);
  EXPECT_EQ(cluster_.disagreement(), "");
}

TEST_F(QuietGroups, WakeOnlyThemselves) {
  settle();
  auto added = add("a", 3);
  ASSERT_TRUE(cluster_.advance_until([&] { return added.ended(); }, 500ms));
  cluster_.advance(1s);
  // Two followers, some fifteen beats: those of one group.
  EXPECT_LT(beats_, 8u * 1000u);
  const auto before = beats_;
  auto again = add("a", 3);
  cluster_.advance(2s);
  EXPECT_TRUE(again.done());
  EXPECT_LT(beats_ - before, 100u);
}

TEST_F(QuietGroups, NoticeThatTheirLeadersNodeIsGone) {
  settle();
  const auto gone = cluster_.leader(2);
  cluster_.node(gone).crash();
  EXPECT_TRUE(cluster_.advance_until(
      [&] { return !cluster_.leader(2).empty() && cluster_.leader(2) != gone; }, 1s));
  cluster_.node(gone).start();
  EXPECT_TRUE(cluster_.advance_until([&] { return cluster_.leader(2) == gone; }, 30s))
      << "and balance comes back";
  cluster_.advance(5s);
  EXPECT_EQ(beats_during(10s), 0u);
}

// So fast that nobody suspects it: only its number says that it was restarted.
TEST_F(QuietGroups, NoticeThatTheirLeadersProcessWasRestarted) {
  settle();
  const auto node = cluster_.leader(2);
  const auto before = cluster_.newest_leadership(2)->epoch;
  cluster_.node(node).crash();
  cluster_.node(node).start();
  EXPECT_TRUE(cluster_.advance_until(
      [&] { return cluster_.newest_leadership(2)->epoch > before && !cluster_.leader(2).empty(); },
      2s));
  cluster_.advance(10s);
  EXPECT_EQ(cluster_.disagreement(), "");
}

// Its process lives on and so do its heartbeats: the replica's actors alone are started again.
TEST_F(QuietGroups, GoOnWhenOnlyTheLeadersSeatHasEnded) {
  settle();
  auto& node = cluster_.node(cluster_.leader(2));
  node.call([&] {
    caf::anon_send_exit(node.context()->directory->find(seat_key("counter", {2, partitions})),
                        caf::exit_reason::kill);
  });
  cluster_.advance(50ms);
  std::string other = "a";
  if (other == node.name()) other = "b";
  auto added = add(other, 2);
  EXPECT_TRUE(cluster_.advance_until([&] { return added.ended(); }, 4s));
  EXPECT_TRUE(added.done()) << added.text();
}

// The same, and nobody asks for anything. Who rests does not take the life of the node for that of
// the leader, once the node itself stands.
TEST_F(QuietGroups, FollowALeaderWhoseSeatHasEndedWhenItStandsAnew) {
  settle();
  const auto before = cluster_.newest_leadership(2)->epoch;
  auto& node = cluster_.node(cluster_.leader(2));
  node.call([&] {
    caf::anon_send_exit(node.context()->directory->find(seat_key("counter", {2, partitions})),
                        caf::exit_reason::kill);
  });
  EXPECT_TRUE(cluster_.advance_until(
      [&] { return cluster_.newest_leadership(2)->epoch > before && !cluster_.leader(2).empty(); },
      3s));
}

// The leader's heartbeats to one follower are lost, which therefore stands; the other one rests,
// and knows that its leader lives.
TEST_F(QuietGroups, KeepALeaderThatOnlyOneDoesNotHear) {
  settle();
  const auto leads = cluster_.leader(2);
  const auto before = cluster_.newest_leadership(2)->epoch;
  cluster_.network().cut(leads, leads == "a" ? "b" : "a");
  cluster_.advance(3s);
  EXPECT_EQ(cluster_.leader(2), leads);
  EXPECT_EQ(cluster_.newest_leadership(2)->epoch, before);
  cluster_.liveness_phase();
}

// An answer by the leader's disk alone, while those of the others hang: it beats until they know of
// the commit.
TEST_F(QuietGroups, RestOnceAllKnowOfEveryCommit) {
  settle();
  const auto leads = cluster_.leader(2);
  auto first = add(leads, 2);
  ASSERT_TRUE(cluster_.advance_until([&] { return first.done(); }, 500ms));
  cluster_.advance(1s);
  for (const auto& name : cluster_.nodes())
    if (name != leads) cluster_.node(name).disk().hang();
  auto added = add(leads, 2, {.acknowledge = acknowledgement::async});
  cluster_.advance(3s);
  EXPECT_TRUE(added.done()) << added.text();
  for (const auto& name : cluster_.nodes()) cluster_.node(name).disk().unhang();
  cluster_.advance(3s);
  EXPECT_EQ(cluster_.disagreement(), "");
  EXPECT_EQ(beats_during(1s), 0u);
}

// Cut off while it rests: it must not answer from what it knew.
TEST_F(QuietGroups, DoNotAnswerFromALeaderThatIsCutOff) {
  settle();
  const auto former = cluster_.leader(2);
  auto first = add(former, 2);
  ASSERT_TRUE(cluster_.advance_until([&] { return first.ended(); }, 500ms));
  cluster_.advance(2s);
  ASSERT_EQ(beats_during(1s), 0u);
  cluster_.network().isolate({former});
  auto read = get(former, 2);
  EXPECT_TRUE(cluster_.advance_until(
      [&] { return !cluster_.leader(2).empty() && cluster_.leader(2) != former; }, 2s));
  std::string other = "a";
  if (other == former) other = "b";
  auto second = add(other, 2);
  EXPECT_TRUE(cluster_.advance_until([&] { return second.done(); }, 2s));
  cluster_.advance(6s);
  EXPECT_TRUE(read.ended());
  EXPECT_FALSE(read.done()) << "by then the counter stood at 2";
  cluster_.liveness_phase();
}

}  // namespace
}  // namespace us
