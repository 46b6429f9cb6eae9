// A client of a service with three partitions, whose seats the test plays: which of them gets what,
// and what becomes of a request that all of them execute.
#include "actors/client/partitioned_client.hpp"
#include "runtime/node/node_actor.hpp"
#include "runtime/service/record.hpp"
#include "tests/support/manual_node.hpp"

#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <map>

namespace us::test {
namespace {

constexpr std::uint32_t partitions = 3;

/// Opens sessions at once, and keeps the batches that it is sent.
class partition_seat final : public node_actor {
 public:
  partition_seat(caf::actor_config& config, node_ptr node, std::uint32_t partition,
                 std::vector<frame>* batches, std::size_t* watches)
      : node_actor(config, std::move(node)),
        partition_(partition),
        batches_(batches),
        watches_(watches) {}

 protected:
  caf::behavior make_behavior() override {
    listen_as(seat_key("things", {partition_, partitions}));
    return serve(dispatch_table{{
        on<message::OpenSession>([this](message::OpenSession::Reader open, const us::sender& from) {
          send_frame<message::SessionOpened>(from.where(), {}, [&](auto opened) {
            opened.setNonce(open.getNonce());
            opened.setSession(70 + partition_);
          });
        }),
        on<message::WatchLeader>([this](auto, const us::sender&) { ++*watches_; }),
        on_frame<message::SubmitBatch>(
            [this](const frame& f, const us::sender&) { batches_->push_back(f); }),
    }});
  }

 private:
  std::uint32_t partition_;
  std::vector<frame>* batches_;
  std::size_t* watches_;
};

struct ended {
  outcome_kind kind;
  message::Reason reason;
  std::string text;
  std::string reply;
  log_index index;
};

class host final : public node_actor {
 public:
  host(caf::actor_config& config, node_ptr node, std::shared_ptr<partitioned_client>* client,
       std::map<std::uint64_t, ended>* into)
      : node_actor(config, std::move(node)), client_(client), into_(into) {}

 protected:
  caf::behavior make_behavior() override {
    const auto key = actor_key_of("host");
    listen_as(key);
    *client_ = partitioned_client::make(
        shared_node(), handle(), key, {.service = "things", .open_max = 10}, partitions,
        [this](request_sequence s, const outcome& o) {
          EXPECT_TRUE(
              into_
                  ->emplace(s.value, ended{o.kind, o.reason, o.text, std::string{o.reply}, o.index})
                  .second)
              << "told twice";
        });
    return serve(dispatch_table{(*client_)->handlers()});
  }

 private:
  std::shared_ptr<partitioned_client>* client_;
  std::map<std::uint64_t, ended>* into_;
};

class PartitionedClient : public testing::Test {
 protected:
  PartitionedClient() {
    for (std::uint32_t i = 0; i < partitions; ++i)
      actors_.push_back(at_.system().spawn<partition_seat>(at_.node(), i, &batches_[i], &watches_));
    actors_.push_back(at_.system().spawn<host>(at_.node(), &client_, &ended_));
    at_.run();
  }
  ~PartitionedClient() override {
    client_.reset();
    for (auto& each : actors_) caf::anon_send_exit(each, caf::exit_reason::kill);
    at_.run();
  }

  std::uint64_t submit(const std::vector<request_place>& places, const submit_options& what = {}) {
    const auto first = client_->submit(
        places.size(),
        [](std::size_t i, message::Request::Builder request) { request.setType(1000 + i); },
        [&](std::size_t i) { return places[i]; }, 128, what);
    at_.run();
    return first.value;
  }
  /// The types of the requests in the newest batch that a partition got.
  std::vector<std::uint64_t> types_at(std::uint32_t partition) const {
    std::vector<std::uint64_t> types;
    if (batches_.at(partition).empty()) return types;
    opened_frame opened{batches_.at(partition).back()};
    for (auto request : opened.body<message::SubmitBatch>().getRequests())
      types.push_back(request.getType());
    return types;
  }
  /// Answers all of the newest batch that a partition got. `reply`: of each.
  void answer(std::uint32_t partition, message::Outcome what, const std::string& text = {},
              std::uint64_t index = 0) {
    const auto seat = seat_key("things", {partition, partitions});
    opened_frame opened{batches_.at(partition).back()};
    const auto batch = opened.body<message::SubmitBatch>();
    caf::anon_send(
        actors_.back(),
        make_frame<message::ReplyBatch>(
            {0, {at_.node()->id, seat}, actor_key_of("host"), {}},
            [&](message::ReplyBatch::Builder to) {
              to.setSession(batch.getSession());
              to.setIndex(index);
              auto replies = to.initReplies(batch.getRequests().size());
              for (unsigned i = 0; i < replies.size(); ++i) {
                replies[i].setSequence(batch.getRequests()[i].getSequence());
                replies[i].setOutcome(what);
                replies[i].setText(text);
                replies[i].setBody({reinterpret_cast<const kj::byte*>(text.data()), text.size()});
              }
            }));
    at_.run();
  }
  static request_place joined() {
    return {.everywhere = [](const std::vector<std::string_view>& replies) {
      std::string all;
      for (auto reply : replies) all += std::string{reply} + ";";
      return all;
    }};
  }

  manual_node at_;
  std::map<std::uint32_t, std::vector<frame>> batches_;
  std::size_t watches_ = 0;
  std::map<std::uint64_t, ended> ended_;
  std::shared_ptr<partitioned_client> client_;
  std::vector<caf::actor> actors_;
};

TEST_F(PartitionedClient, SendsEachPartitionItsRequestsAsOneBatchInOrder) {
  const auto first = submit({{.partition = 2}, {.partition = 0}, {.partition = 2}});
  EXPECT_EQ(types_at(2), (std::vector<std::uint64_t>{1000, 1002}));
  EXPECT_EQ(types_at(0), (std::vector<std::uint64_t>{1001}));
  EXPECT_TRUE(batches_[1].empty()) << "not asked for anything, so it knows nothing of this client";
  EXPECT_EQ(client_->open(), 3u);
  answer(2, message::Outcome::DONE, "two");
  answer(0, message::Outcome::REJECTED, "no");
  ASSERT_EQ(ended_.size(), 3u);
  EXPECT_EQ(ended_.at(first).reply, "two");
  EXPECT_EQ(ended_.at(first + 1).kind, outcome_kind::rejected);
  EXPECT_EQ(ended_.at(first + 2).reply, "two");
  EXPECT_EQ(client_->open(), 0u);
}

TEST_F(PartitionedClient, RejectsWhatNoPartitionCanExecute) {
  const auto first = submit({{.refused = "why"}, {.partition = 1}});
  ASSERT_TRUE(ended_.contains(first));
  EXPECT_EQ(ended_.at(first).kind, outcome_kind::rejected);
  EXPECT_EQ(ended_.at(first).reason, message::Reason::MALFORMED);
  EXPECT_EQ(ended_.at(first).text, "why");
  EXPECT_EQ(types_at(1), (std::vector<std::uint64_t>{1001}));
}

TEST_F(PartitionedClient, MakesOneReplyOfAllPartitions) {
  const auto first = submit({joined()});
  for (const auto partition : {1u, 0u, 2u}) {
    EXPECT_TRUE(ended_.empty());
    answer(partition, message::Outcome::DONE, "from " + std::to_string(partition));
  }
  EXPECT_EQ(ended_.at(first).reply, "from 0;from 1;from 2;");
  EXPECT_EQ(client_->open(), 0u);
}

TEST_F(PartitionedClient, DoesNotKnowTheOutcomeWhenOnlySomePartitionsHaveExecutedIt) {
  const auto first = submit({joined()});
  answer(0, message::Outcome::DONE, "x");
  answer(1, message::Outcome::REJECTED, "no space");
  answer(2, message::Outcome::DONE, "x");
  EXPECT_EQ(ended_.at(first).kind, outcome_kind::unknown);
  EXPECT_EQ(ended_.at(first).text, "2 of 3 partitions have executed it; things/1: no space");
}

TEST_F(PartitionedClient, SaysRejectedWhenAllPartitionsHaveRejectedIt) {
  const auto first = submit({joined()});
  for (const auto partition : {0u, 1u, 2u})
    answer(partition, message::Outcome::REJECTED, "no space");
  EXPECT_EQ(ended_.at(first).kind, outcome_kind::rejected);
}

TEST_F(PartitionedClient, CountsRequestsWithoutOutcomeAcrossPartitions) {
  const std::vector<request_place> five{{}, {}, {}, {.partition = 1}, joined()};
  submit(five);
  submit(five);
  EXPECT_EQ(client_->open(), 10u);
  const auto more = submit({{.partition = 2}});
  EXPECT_EQ(ended_.at(more).reason, message::Reason::OVERLOADED);
  answer(0, message::Outcome::DONE, "x");
  EXPECT_EQ(client_->open(), 7u);
  submit({{.partition = 2}});
  EXPECT_EQ(types_at(2), (std::vector<std::uint64_t>{1000}));
}

// An index of one partition's log says nothing of another's.
TEST_F(PartitionedClient, ReadsAfterWhatItHasSeenOfEachPartition) {
  const auto seen = [&](std::uint32_t partition) {
    opened_frame opened{batches_.at(partition).back()};
    return opened.body<message::SubmitBatch>().getAfter();
  };
  const auto first = submit({{.partition = 1}, {.partition = 2}});
  answer(1, message::Outcome::DONE, "x", 70);
  answer(2, message::Outcome::DONE, "x", 5);
  const auto after = ended_.at(first).index;
  submit_options read{.reads = {.who = read_policy::kind::bounded, .after = after}};
  submit({{.partition = 0}, {.partition = 1}, {.partition = 2}}, read);
  EXPECT_EQ(seen(0), 0u) << "nothing of it was seen";
  EXPECT_EQ(seen(1), 70u);
  EXPECT_EQ(seen(2), 5u);
  read.reads.after = {};
  submit({{.partition = 1}}, read);
  EXPECT_EQ(seen(1), 0u) << "whoever asks has seen nothing";
}

TEST_F(PartitionedClient, SendsAgainWhatGotNoAnswerAndIsQuietWithNothingToWaitFor) {
  submit({{.partition = 1}});
  const auto before = batches_[1].size();
  at_.advance(std::chrono::seconds{2});
  EXPECT_GT(batches_[1].size(), before);
  answer(1, message::Outcome::DONE, "x");
  at_.advance(std::chrono::seconds{1});
  const auto watched = watches_;
  at_.advance(std::chrono::minutes{1});
  EXPECT_EQ(watches_, watched) << "it does nothing while it has nothing to do";
  submit({{.partition = 1}});
  EXPECT_GT(watches_, watched);
}

}  // namespace
}  // namespace us::test
