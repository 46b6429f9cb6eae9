// A follower alone, told what to do by frames: what it answers, and when.
#include "actors/leader_follower/follower.hpp"
#include "runtime/probe.hpp"
#include "runtime/simulation/sim_disk.hpp"
#include "runtime/state/snapshot_format.hpp"
#include "tests/leader_follower/fake_log.hpp"
#include "tests/leader_follower/lone_role.hpp"

#include <gtest/gtest.h>

#include "messages/leader_follower.capnp.h"
#include "messages/request.capnp.h"

namespace us::test {
namespace {

/// Entries and votes become durable when the test says so.
class slow_log final : public fake_log {
 public:
  void attach(caf::actor, callbacks calls) override { calls_ = std::move(calls); }
  log_index durable_index() const override { return durable_; }
  bool idle() const override { return !hangs; }
  void store_vote(us::vote v, std::function<void()> then) override {
    fake_log::store_vote(v, [] {});
    then_ = std::move(then);
  }
  void now_durable() {
    durable_ = last_index();
    if (calls_.durable) calls_.durable(durable_);
    if (auto then = std::exchange(then_, nullptr)) then();
  }
  bool hangs = false;

 private:
  callbacks calls_;
  log_index durable_;
  std::function<void()> then_;
};

class Follower : public testing::Test {
 protected:
  explicit Follower(const acknowledge_policy& acknowledge = {}) {
    auto log = std::make_unique<slow_log>();
    log_ = log.get();
    auto store = store_with(std::move(log));
    std::shared_ptr<disk> disk = sim::make_disk_port(access_);
    for (const auto* directory : {"lists", "lists/snapshots"})
      if (!disk->make_directory(directory)) throw std::runtime_error{"no directory"};
    store->snapshots = std::make_unique<snapshots>(
        at_.node()->ports, own_directory(disk, "lists/snapshots"), std::vector<snapshot_info>{});
    role_ = at_.system().spawn<follower_actor>(start_alone(at_, std::move(store), {}, acknowledge),
                                               follower);
    at_.run();
  }
  ~Follower() override {
    caf::anon_send_exit(role_, caf::exit_reason::kill);
    at_.run();
  }

  /// One entry behind the last one, or none; of this epoch, unless it is said of which.
  void append(const std::string& leader, epoch now, std::uint64_t round, bool with_entry,
              std::optional<epoch> made_in = {}) {
    const auto previous = log_->last_index();
    const auto previous_epoch = log_->last_epoch();
    const auto bytes = encode_entry(previous.next(), made_in.value_or(now), {}).bytes;
    caf::anon_send(role_, make_frame<message::AppendRequest>(
                              {0, {node_id_of(leader), seat_key_}, seat_key_, now},
                              [&](message::AppendRequest::Builder request) {
                                request.setPreviousIndex(previous.value);
                                request.setPreviousEpoch(previous_epoch.value);
                                request.setRound(round);
                                if (!with_entry) return;
                                const auto* data = reinterpret_cast<const kj::byte*>(bytes->data());
                                request.initEntries(1).set(0, {data, bytes->size()});
                              }));
    at_.run();
  }
  /// The rounds of the answers sent since the last call, to this node.
  std::vector<std::uint64_t> rounds_told(const std::string& leader) {
    std::vector<std::uint64_t> rounds;
    for (auto& [to, f] : std::exchange(at_.network().sent, {})) {
      if (to != node_id_of(leader) || f.type() != capnp::typeId<message::AppendReply>()) continue;
      opened_frame opened{f};
      rounds.push_back(opened.body<message::AppendReply>().getRound());
    }
    return rounds;
  }

  /// A part of a snapshot; empty bytes ask how far it is.
  void send_part(const std::string& leader, epoch now, const snapshot_id& id,
                 const std::string& whole, std::uint64_t offset, std::string_view bytes) {
    caf::anon_send(
        role_,
        make_frame<message::SnapshotChunk>(
            {0, {node_id_of(leader), seat_key_}, seat_key_, now},
            [&](message::SnapshotChunk::Builder chunk) {
              chunk.setIndex(id.index.value);
              chunk.setEntryEpoch(id.epoch.value);
              chunk.setSalt(id.salt);
              chunk.setTotal(whole.size());
              chunk.setOffset(offset);
              chunk.setBytes({reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()});
              chunk.setCheck(chunk_check(id, offset, bytes));
            }));
    at_.run();
  }
  void run_jobs() {
    while (at_.executor().waiting() > 0) {
      at_.executor().run_one();
      at_.run();
    }
  }
  struct part_answer {
    std::uint64_t offset = 0;
    bool finished = false;
    friend bool operator==(const part_answer&, const part_answer&) = default;
  };
  std::vector<part_answer> part_answers() {
    std::vector<part_answer> told;
    for (auto& [to, f] : std::exchange(at_.network().sent, {})) {
      if (f.type() != capnp::typeId<message::SnapshotReply>()) continue;
      opened_frame opened{f};
      auto reply = opened.body<message::SnapshotReply>();
      told.push_back({reply.getOffset(), reply.getFinished()});
    }
    return told;
  }

  void ask_for_vote(const std::string& candidate, epoch now, bool transfer = false) {
    caf::anon_send(
        role_, make_frame<message::VoteRequest>(
                   {0, {node_id_of(candidate), seat_key_}, seat_key_, now},
                   [&](message::VoteRequest::Builder request) { request.setTransfer(transfer); }));
    at_.run();
  }
  /// Whether a vote was granted to it since the last call.
  bool granted(const std::string& candidate) {
    bool yes = false;
    for (auto& [to, f] : std::exchange(at_.network().sent, {})) {
      if (to != node_id_of(candidate) || f.type() != capnp::typeId<message::VoteReply>()) continue;
      opened_frame opened{f};
      yes = yes || opened.body<message::VoteReply>().getGranted();
    }
    return yes;
  }

  sim::disk_image image_{sim::random_stream{1}};
  std::shared_ptr<sim::disk_access> access_ = std::make_shared<sim::disk_access>(image_);
  manual_node at_;
  const actor_key seat_key_ = lone_seat_key();
  slow_log* log_ = nullptr;
  caf::actor role_;
};

// Leader b of epoch 1 at round 7, then c of epoch 2, whose rounds begin anew. Thesis 6.4.
TEST_F(Follower, ConfirmsNoRoundThatThePresentLeaderHasNotSent) {
  append("b", {1}, 7, false);
  EXPECT_EQ(rounds_told("b"), std::vector<std::uint64_t>{7});
  append("c", {2}, 1, true);
  EXPECT_TRUE(rounds_told("c").empty()) << "its entry is not durable yet";
  log_->now_durable();
  EXPECT_EQ(rounds_told("c"), std::vector<std::uint64_t>{1});
}

// A vote that a crash could make it forget must not be told: it would be given twice. Thesis 3.8.
TEST_F(Follower, TellsItsVoteOnceThatIsDurable) {
  ask_for_vote("b", {5});
  EXPECT_FALSE(granted("b"));
  log_->now_durable();
  EXPECT_TRUE(granted("b"));
  ask_for_vote("c", {5});
  log_->now_durable();
  EXPECT_FALSE(granted("c"));
}

// b led epoch 1 up to round 7 and leads epoch 3 now: a request of epoch 1 that comes late must not
// confirm a round of epoch 3. Thesis 6.4. Found by seed 46 of the determinism test.
TEST_F(Follower, TellsNoRoundOfAnEpochThatIsOver) {
  append("b", {3}, 1, false);
  EXPECT_EQ(rounds_told("b"), std::vector<std::uint64_t>{1});
  append("b", {1}, 7, false);
  EXPECT_EQ(rounds_told("b"), std::vector<std::uint64_t>{0});
}

// The last part of a snapshot is being written while a new leader, whose log reaches further back,
// sends the entries: the records that are here stay, and so does what the log has.
TEST_F(Follower, LeavesASnapshotThatEntriesWereFasterThan) {
  const snapshot_id id{{2}, {1}, 7};
  std::string whole;
  encode_snapshot_head(id, whole);
  const auto end = begin_block(whole);
  encode_end({{2}, 0}, whole);
  end_block(id, snapshot_block::end, whole, end, end);
  send_part("b", {1}, id, whole, 0, {});
  run_jobs();
  EXPECT_EQ(part_answers(), (std::vector<part_answer>{{0, false}}));
  send_part("b", {1}, id, whole, 0, whole);
  EXPECT_EQ(at_.executor().waiting(), 1u);
  for (int entries = 0; entries < 3; ++entries) append("c", {2}, 1, true, epoch{1});
  probe_counts reached;
  const probe_scope counting{reached};
  run_jobs();
  EXPECT_EQ(reached.of(rare::snapshot_came_late), 1u);
  EXPECT_EQ(part_answers(), (std::vector<part_answer>{{whole.size(), true}}));
  EXPECT_EQ(log_->last_index(), log_index{3});
}

// Its disk hangs, so it does not come to its end: whoever watches the leader must hear of the next
// one all the same.
TEST_F(Follower, LeavesToItsSeatWhatIsTheSeatsOwnOnceItEnds) {
  auto watched = std::make_shared<int>(0);
  auto seat = at_.system().spawn(
      [](caf::event_based_actor*, const std::shared_ptr<int>& count) -> caf::behavior {
        return {[count](const frame& f) {
          *count += f.type() == capnp::typeId<message::WatchLeader>();
        }};
      },
      watched);
  auto& directory = *at_.node()->directory;
  directory.add(seat_key_, seat);
  directory.divert(seat_key_, role_);
  append("b", {1}, 1, false);
  log_->hangs = true;
  const address from{node_id_of("b"), seat_key_};
  caf::anon_send(role_, make_frame<message::LeadNow>({0, from, seat_key_, {1}}, [](auto) {}));
  at_.run();
  EXPECT_TRUE(directory.deliver(
      make_frame<message::WatchLeader>({0, {at_.node()->id, {}}, seat_key_, {}}, [](auto) {})));
  at_.run();
  EXPECT_EQ(*watched, 1);
  caf::anon_send_exit(seat, caf::exit_reason::kill);
  at_.run();
}

class PromisingFollower : public Follower {
 protected:
  PromisingFollower() : Follower({.read_lease = true}) {}
};

// Its leader may answer reads without asking until the promise is over. Thesis 6.4.1.
TEST_F(PromisingFollower, VotesForNobodyUntilItsPromiseIsOver) {
  const duration promise = at_.node()->timing.election_timeout_min;
  append("b", {1}, 1, false);
  at_.advance(promise - std::chrono::milliseconds{1});
  ask_for_vote("c", {2});
  log_->now_durable();
  EXPECT_FALSE(granted("c"));
  EXPECT_EQ(log_->vote().epoch, epoch{1}) << "the leader is not disturbed either";
}

// b led epoch 1 and asked it to stand, which comes late: c leads epoch 2 and relies on promises
// that voters break for an election in their leader's name.
TEST_F(PromisingFollower, StandsInNobodysNameButItsPresentLeaders) {
  const auto asks_it_to_lead = [this](const std::string& leader, epoch when) {
    caf::anon_send(role_, make_frame<message::LeadNow>(
                              {0, {node_id_of(leader), seat_key_}, seat_key_, when}, [](auto) {}));
    at_.run();
  };
  const auto follows = [this] {
    at_.network().sent.clear();
    ask_for_vote("b", {1});
    return !at_.network().sent.empty();
  };
  append("b", {1}, 1, false);
  append("c", {2}, 1, false);
  asks_it_to_lead("b", {1});
  EXPECT_TRUE(follows());
  asks_it_to_lead("c", {2});
  EXPECT_FALSE(follows());
}

TEST_F(PromisingFollower, VotesAtOnceForWhomItsLeaderAskedToLead) {
  append("b", {1}, 1, false);
  ask_for_vote("c", {2}, true);
  log_->now_durable();
  EXPECT_TRUE(granted("c"));
}

}  // namespace
}  // namespace us::test
