// Snapshots and lost disks: the rules, as golden tables. Thesis chapter 5.
#include "actors/leader_follower/standing.hpp"
#include "actors/leader_follower/transfer_rules.hpp"
#include "runtime/simulation/sim_disk.hpp"
#include "tests/leader_follower/fake_log.hpp"

#include <gtest/gtest.h>

namespace us::rules {
namespace {

constexpr node_id a{1}, b{2}, c{3};
constexpr snapshot_id at_ten{{10}, {2}, 77};

snapshot_info taken(std::uint64_t index, std::uint64_t complete) {
  return {{{index}, {2}, 77}, {complete}, 0, 0, false};
}
snapshot_info installed(std::uint64_t index) {
  return {{{index}, {2}, 77}, {index + 3}, 0, 0, true};
}

TEST(SnapshotUse, ExtendsALogThatGoesOnAfterIt) {
  EXPECT_EQ(use_of(taken(10, 12), {5}, {20}, epoch{2}), snapshot_use::extends_log);
  EXPECT_EQ(use_of(taken(10, 12), {11}, {20}, epoch{2}), snapshot_use::extends_log);
  EXPECT_EQ(use_of(installed(10), {11}, {11}, epoch{2}), snapshot_use::extends_log);
}

// redisraft #43: a gap between snapshot and log.
TEST(SnapshotUse, IsNoneWhenTheLogBeginsLater) {
  EXPECT_EQ(use_of(taken(10, 12), {12}, {20}, std::nullopt), snapshot_use::none);
  EXPECT_EQ(use_of(installed(10), {12}, {20}, std::nullopt), snapshot_use::none);
}

TEST(SnapshotUse, ContradictsALogThatLostWhatWasDurable) {
  EXPECT_EQ(use_of(taken(10, 12), {1}, {9}, std::nullopt), snapshot_use::contradicts);
  EXPECT_EQ(use_of(taken(10, 12), {1}, {11}, epoch{2}), snapshot_use::contradicts)
      << "not complete";
  EXPECT_EQ(use_of(taken(10, 12), {1}, {20}, epoch{1}), snapshot_use::contradicts);
}

// A crash after the leader's snapshot got its name and before the log began anew.
TEST(SnapshotUse, BeginsALogThatEndsBeforeALeadersSnapshot) {
  EXPECT_EQ(use_of(installed(10), {1}, {9}, std::nullopt), snapshot_use::begins_log);
  EXPECT_EQ(use_of(installed(10), {1}, {20}, epoch{1}), snapshot_use::begins_log);
}

TEST(NeedsSnapshot, OnlyWhereTheLogLacksIt) {
  test::fake_log shorter{{1, 1, 2}};
  EXPECT_TRUE(needs_snapshot(shorter, {3}, at_ten));
  test::fake_log same{{1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2}};
  EXPECT_FALSE(needs_snapshot(same, {3}, at_ten)) << "it would take entries 11 and 12 away";
  test::fake_log other{{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}};
  EXPECT_TRUE(needs_snapshot(other, {3}, at_ten)) << "entries from 10 on were never committed";
  EXPECT_FALSE(needs_snapshot(other, {10}, at_ten)) << "older than what is committed here";
}

snapshot_chunk part(std::uint64_t offset, std::string_view bytes, snapshot_id of = at_ten) {
  return {of, 100, offset, bytes, 0};
}

TEST(Chunk, IsTakenWhereTheLastOneEnded) {
  const reception now{at_ten, 100, 40, false};
  EXPECT_EQ(judge(now, part(40, "next")), chunk_verdict::taken);
  EXPECT_EQ(judge(now, part(40, std::string(60, 'x'))), chunk_verdict::taken) << "the last one";
}

TEST(Chunk, ThatIsEarlyLateOrDoubledIsAnsweredWithHowFarItIs) {
  const reception now{at_ten, 100, 40, false};
  EXPECT_EQ(judge(now, part(36, "late")), chunk_verdict::repeats);
  EXPECT_EQ(judge(now, part(44, "early")), chunk_verdict::repeats);
  EXPECT_EQ(judge(now, part(40, "")), chunk_verdict::repeats) << "the leader asks how far it is";
  EXPECT_EQ(judge(now, part(40, std::string(61, 'x'))), chunk_verdict::repeats) << "beyond its end";
}

TEST(Chunk, OfAnotherSnapshotIsNotMixedIn) {
  const reception now{at_ten, 100, 40, false};
  EXPECT_EQ(judge(now, part(40, "x", {{10}, {2}, 78})), chunk_verdict::begins);
  EXPECT_EQ(judge(now, part(40, "x", {{11}, {2}, 77})), chunk_verdict::begins);
  EXPECT_EQ(judge(std::nullopt, part(0, "")), chunk_verdict::begins);
}

TEST(Chunk, WaitsForTheDisk) {
  const reception now{at_ten, 100, 40, true};
  EXPECT_EQ(judge(now, part(40, "x")), chunk_verdict::ignored);
  EXPECT_EQ(judge(now, part(0, "x", {{11}, {2}, 77})), chunk_verdict::ignored);
}

// Version 1 as long as it says all: an older program opens that.
TEST(Standing, IsWhatWasStored) {
  sim::disk_image image{sim::random_stream{1}};
  auto disk = sim::make_disk_port(std::make_shared<sim::disk_access>(image));
  const auto version_of = [&](const standing& what) {
    EXPECT_TRUE(store_standing(*disk, "standing", what));
    auto found = load_standing(*disk, "standing");
    EXPECT_TRUE(found);
    EXPECT_TRUE(found && found->kind == what.kind && found->disk == what.disk &&
                found->founders == what.founders && found->keeps_votes == what.keeps_votes &&
                found->boot == what.boot && found->witness == what.witness);
    std::byte version{};
    auto file = disk->open("standing", open_mode::read);
    EXPECT_EQ(*(*file)->read_at(8, {&version, 1}), 1u);
    return static_cast<int>(version);
  };
  EXPECT_EQ(version_of({.kind = standing_kind::member, .disk = 7, .founders = {{a, 7}, {b, 8}}}),
            1);
  EXPECT_EQ(version_of({.kind = standing_kind::member, .disk = 7, .founders = {{a, 7}}, .boot = 9}),
            2);
  EXPECT_EQ(
      version_of(
          {.kind = standing_kind::recovering, .disk = 3, .founders = {}, .keeps_votes = true}),
      2);
  EXPECT_EQ(version_of({.kind = standing_kind::member, .disk = 3, .founders = {}, .witness = true}),
            3);
  EXPECT_EQ(version_of({.kind = standing_kind::recovering,
                        .disk = 3,
                        .founders = {},
                        .keeps_votes = true,
                        .boot = 5,
                        .witness = true}),
            3);
}

const standing fresh{standing_kind::fresh, 10, {}};

TEST(Founding, NeedsTheAnswerOfEveryMember) {
  EXPECT_EQ(judge_founding(a, fresh, {}, 3), founding::waits);
  EXPECT_EQ(judge_founding(a, fresh, {{b, fresh}}, 3), founding::waits);
  EXPECT_EQ(judge_founding(a, fresh, {{b, fresh}, {c, fresh}}, 3), founding::founds);
  EXPECT_EQ(judge_founding(a, fresh, {}, 1), founding::founds);
}

TEST(Founding, IsJoinedByWhoWasCountedWithThisDirectory) {
  const standing member{standing_kind::member, 20, {{a, 10}, {b, 20}, {c, 30}}};
  EXPECT_EQ(judge_founding(a, fresh, {{b, member}}, 3), founding::joins);
}

TEST(Founding, IsNoMatterForWhoLostItsDisk) {
  const standing member{standing_kind::member, 20, {{a, 9}, {b, 20}, {c, 30}}};
  EXPECT_EQ(judge_founding(a, fresh, {{b, member}, {c, fresh}}, 3), founding::recovers);
  const standing lost{standing_kind::recovering, 20, {}};
  EXPECT_EQ(judge_founding(a, fresh, {{b, lost}}, 3), founding::recovers);
}

// Those who confirm and any majority that counts the lost one overlap.
TEST(Admission, NeedsEnoughOthers) {
  EXPECT_EQ(confirmations_to_admit(2), 1u);
  EXPECT_EQ(confirmations_to_admit(3), 2u);
  EXPECT_EQ(confirmations_to_admit(4), 2u);
  EXPECT_EQ(confirmations_to_admit(5), 3u);
}

}  // namespace
}  // namespace us::rules
