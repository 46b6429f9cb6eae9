// Data directories that former programs wrote (tests/data/formats/README.md), opened as at a node's
// start: what was in them is there, and what is written next makes a former program refuse them.
#include "actors/leader_follower/open_store.hpp"
#include "actors/leader_follower/tail_losses.hpp"
#include "runtime/live/live_disk.hpp"
#include "runtime/log/segment_files.hpp"
#include "runtime/loss/loss_files.hpp"
#include "runtime/state/snapshot_format.hpp"
#include "tests/live/temporary_directory.hpp"
#include "tests/log/log_harness.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <span>

namespace us::test {
namespace {

class no_lines final : public log_sink {
 public:
  void write(severity, std::string_view, std::initializer_list<log_field>) override {}
};

class odd_numbers final : public random_source {
 public:
  std::uint64_t next() override { return last_ += 2; }

 private:
  std::uint64_t last_ = 1;
};

class FormerFormats : public testing::TestWithParam<const char*> {
 protected:
  FormerFormats() {
    const auto* sources = std::getenv("UNDERSTUDY_SOURCE_DIR");
    if (sources == nullptr) throw std::runtime_error{"UNDERSTUDY_SOURCE_DIR is not set"};
    std::filesystem::copy(std::string{sources} + "/tests/data/formats/" + GetParam(), home_.path(),
                          std::filesystem::copy_options::recursive);
    auto opened = live_disk::open_directory(home_.path());
    if (!opened) throw std::runtime_error{opened.error().text};
    disk_ = *opened;
    ports_.disk = disk_;
    ports_.executor = jobs_;
    ports_.clock = std::make_shared<manual_clock>();
    ports_.random = std::make_shared<odd_numbers>();
    ports_.log = std::make_shared<no_lines>();
  }

  void open() {
    group_limits limits;
    limits.log.segment_bytes = 1u << 16;
    auto opened = open_store(ports_, "kv/log", limits, memory_engine());
    if (!opened) throw std::runtime_error{opened.error().text};
    store_ = std::move(*opened);
    store_->log->attach(new_owner(), {});
    store_->losses->attach(new_owner(), [](const loss_journal&) {});
    jobs_->run_all();
  }
  void close() {
    jobs_->run_all();
    store_.reset();
  }
  std::string value_of(std::string_view key) const {
    const auto found = store_->state->get(key);
    return found ? std::string{*found} : "none";
  }
  /// Of each segment that is in use, by number: as its header says.
  std::vector<std::uint32_t> log_formats() {
    std::vector<std::uint32_t> versions;
    const auto names = list_segments(*disk_, "kv/log");
    if (!names) throw std::runtime_error{names.error().text};
    for (const auto& name : *names) {
      std::string head(4, '\0');
      auto segment = disk_->open(path_in("kv/log", name), open_mode::read);
      if (!segment || !read_fully(**segment, 56, std::as_writable_bytes(std::span{head})))
        throw std::runtime_error{"a segment cannot be read"};
      if (const auto version = get_u32(head.data()); version != 0) versions.push_back(version);
    }
    return versions;
  }
  std::uint32_t log_format() const { return GetParam() == std::string_view{"log-1"} ? 1 : 2; }
  bool has_losses() const {
    return GetParam() == std::string_view{"snapshot-2"} ||
           GetParam() == std::string_view{"snapshot-3"};
  }

  const temporary_directory home_;
  std::shared_ptr<live_disk> disk_;
  std::shared_ptr<manual_executor> jobs_ = std::make_shared<manual_executor>();
  ports ports_;
  std::unique_ptr<replica_store> store_;
};

TEST_P(FormerFormats, HoldWhatWasWritten) {
  ASSERT_EQ(log_formats(), std::vector{log_format()});
  open();
  EXPECT_EQ(store_->epoch(), epoch{2});
  EXPECT_EQ(store_->log->vote().candidate, node_id{2});
  EXPECT_EQ(store_->log->last_index(), log_index{4});
  EXPECT_EQ(store_->log->last_epoch(), epoch{2});
  EXPECT_EQ(store_->commit, log_index{3});
  EXPECT_EQ(store_->state->size(), 3u);
  EXPECT_EQ(value_of("x"), "1");
  EXPECT_EQ(value_of("y"), "2");
  EXPECT_EQ(value_of("z"), "3");
  for (std::uint64_t i = 1; i <= 3; ++i) {
    const auto* reply = store_->sessions.find({7}, {i});
    ASSERT_NE(reply, nullptr) << i;
    EXPECT_EQ(*reply, "reply " + std::to_string(i));
  }
  EXPECT_EQ(store_->losses->lost(loss_kind::ACKNOWLEDGED), has_losses() ? 1u : 0u);
  store_->commit_up_to({4});
  EXPECT_EQ(value_of("w"), "4");
}

// What was never committed may have to be noted as lost, with the request as it came.
TEST_P(FormerFormats, KeepTheRequestsOfTheTail) {
  open();
  ASSERT_EQ(store_->waiting.size(), 1u);
  node_context node;
  node.ports = ports_;
  const auto losses = losses_of(store_->waiting.front(), "kv", {}, node, "");
  ASSERT_EQ(losses.size(), 1u);
  EXPECT_EQ(losses.front().keys, std::vector<std::string>{"w"});
  if (!has_losses()) return;  // such requests came later
  EXPECT_EQ(losses.front().type, 0xfeedu);
  EXPECT_EQ(losses.front().body, (std::string{"put w 4"} + std::string(9, '\0')));
}

TEST_P(FormerFormats, AreWrittenOnInASegmentOfThisFormat) {
  open();
  const auto bytes = store_->log->disk_bytes();
  store_->append(encode_entry({5}, {2}, {}));
  jobs_->run_all();
  EXPECT_EQ(store_->log->durable_index(), log_index{5});
  EXPECT_GE(store_->log->disk_bytes(), bytes);
  close();
  EXPECT_EQ(log_formats(), (std::vector<std::uint32_t>{log_format(), 3}));
  open();
  EXPECT_EQ(store_->log->last_index(), log_index{5});
  store_->append(encode_entry({6}, {2}, {}));
  close();
  EXPECT_EQ(log_formats().size(), 2u) << "a segment of this format is gone on with";
  open();
  store_->commit_up_to({6});
  EXPECT_EQ(value_of("w"), "4");
}

INSTANTIATE_TEST_SUITE_P(Directory, FormerFormats,
                         testing::Values("log-1", "snapshot-1", "snapshot-2", "snapshot-3"),
                         [](const auto& about) {
                           std::string name{about.param};
                           std::erase(name, '-');
                           return name;
                         });

class FormerFiles : public FormerFormats {};

TEST_P(FormerFiles, HoldTheStanding) {
  auto own = load_standing(*disk_, "kv/standing");
  ASSERT_TRUE(own) << own.error().text;
  EXPECT_EQ(own->disk, 0xd15cu);
  EXPECT_EQ(own->founders, (std::vector<founder>{{{1}, 0xd15c}, {{2}, 0xd25c}}));
  const std::string_view which{GetParam()};
  const bool first = which == "snapshot-1" || which == "snapshot-2";
  EXPECT_EQ(own->kind, first ? standing_kind::member : standing_kind::recovering);
  EXPECT_EQ(own->keeps_votes, which == "snapshot-3");
  EXPECT_EQ(own->witness, which == "standing-3");
}

INSTANTIATE_TEST_SUITE_P(Directory, FormerFiles,
                         testing::Values("snapshot-1", "snapshot-2", "snapshot-3", "standing-3"),
                         [](const auto& about) {
                           std::string name{about.param};
                           std::erase(name, '-');
                           return name;
                         });

class FormerNode : public FormerFormats {};

TEST_P(FormerNode, OwnsItsDirectoryAndKnowsItsMembersAndLosses) {
  EXPECT_TRUE(claim_directory(*disk_, "demo", "a"));
  EXPECT_EQ(claim_directory(*disk_, "demo", "b").error().code, errc::wrong_owner);
  open();
  EXPECT_EQ(to_string(store_->members.now()), "a, b; learner c");
  EXPECT_EQ(store_->members.now().index(), log_index{1});
  std::vector<loss> losses;
  auto read =
      read_loss_files(*disk_, "kv/losses",
                      {[&](const loss& what) { losses.push_back(what); }, [](const loss_mark&) {}});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->unreadable, 0u);
  ASSERT_EQ(losses.size(), 1u);
  EXPECT_EQ(losses.front().key, (loss_key{{1}, {3}, 0}));
  EXPECT_EQ(losses.front().keys, std::vector<std::string>{"z"});
  EXPECT_EQ(losses.front().why, "leader b of epoch 2 does not have it");
  EXPECT_EQ(losses.front().body, "put z cut off   ");
}

INSTANTIATE_TEST_SUITE_P(Directory, FormerNode, testing::Values("snapshot-3"),
                         [](const auto&) { return "snapshot3"; });

}  // namespace
}  // namespace us::test
