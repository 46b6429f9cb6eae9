// The files of a loss journal, on a real disk and on the simulated one.
#include "tests/disk/disk_worlds.hpp"
#include "tests/loss/sample_losses.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace us::test {
namespace {

using lines = std::vector<std::string>;
constexpr std::uint64_t plenty = 1u << 20;

struct LossFiles : testing::TestWithParam<disk_kind> {
  std::unique_ptr<disk_world> world = make_disk(GetParam());
  std::shared_ptr<disk> port{&world->port(), [](disk*) {}};

  loss_writer writer(std::uint64_t bytes_max = plenty,
                     loss_file_kind kind = loss_file_kind::losses) {
    return {port, "kv/losses", kind, bytes_max};
  }
  lines read() { return read_losses(*port, "kv/losses").lines; }
  lines names() { return *port->list("kv/losses"); }
  static status append(loss_writer& to, const loss& what) {
    const std::vector<std::string> entries{encode(what)};
    return to.append(entries);
  }
};

TEST_P(LossFiles, AreEmptyWhereThereAreNone) {
  EXPECT_EQ(read(), lines{});
  auto nothing = writer();
  ASSERT_TRUE(nothing.append({}));
  EXPECT_EQ(names(), lines{}) << "no file without a loss";
}

TEST_P(LossFiles, GiveBackEverythingOfALoss) {
  auto to = writer();
  ASSERT_TRUE(append(to, sample_loss(3, 9, 2)));
  std::vector<loss> found;
  ASSERT_TRUE(read_loss_files(
      *port, "kv/losses",
      {[&](loss what) { found.push_back(std::move(what)); }, [](const loss_mark&) {}}));
  ASSERT_EQ(found.size(), 1u);
  const auto expected = sample_loss(3, 9, 2);
  EXPECT_EQ(found[0].key, expected.key);
  EXPECT_EQ(found[0].kind, expected.kind);
  EXPECT_EQ(found[0].service, expected.service);
  EXPECT_EQ(found[0].from, expected.from);
  EXPECT_EQ(found[0].node, expected.node);
  EXPECT_EQ(found[0].why, expected.why);
  EXPECT_EQ(found[0].made_ms, expected.made_ms);
  EXPECT_EQ(found[0].lost_ms, expected.lost_ms);
  EXPECT_EQ(found[0].session, expected.session);
  EXPECT_EQ(found[0].sequence, expected.sequence);
  EXPECT_EQ(found[0].keys, expected.keys);
  EXPECT_EQ(found[0].type, expected.type);
  EXPECT_EQ(found[0].body, expected.body);
}

TEST_P(LossFiles, EachRunWritesAFileOfItsOwn) {
  auto first = writer();
  ASSERT_TRUE(append(first, sample_loss(1, 1)));
  ASSERT_TRUE(append(first, sample_loss(1, 2)));
  auto second = writer();
  ASSERT_TRUE(append(second, sample_loss(2, 3)));
  EXPECT_EQ(names().size(), 2u);
  EXPECT_EQ(read(), (lines{"loss 1 1 0", "loss 1 2 0", "loss 2 3 0"}));
}

TEST_P(LossFiles, ReplaysAreReadAfterTheLosses) {
  auto replays = writer(plenty, loss_file_kind::replays);
  const std::vector<std::string> mark{encode(loss_mark{{{1}, {1}, 0}, loss_state::REPLAYED, 5})};
  ASSERT_TRUE(replays.append(mark));
  auto to = writer();
  ASSERT_TRUE(append(to, sample_loss(1, 1)));
  EXPECT_EQ(read(), (lines{"loss 1 1 0", "mark 1 1 replayed"}));
}

TEST_P(LossFiles, CountWhatACrashLeftTornAndGoOnElsewhere) {
  auto first = writer();
  ASSERT_TRUE(append(first, sample_loss(1, 1)));
  ASSERT_TRUE(append(first, sample_loss(1, 2)));
  {
    auto torn = port->open("kv/losses/" + names().at(0), open_mode::read_write);
    ASSERT_TRUE(torn);
    ASSERT_TRUE((*torn)->truncate(*(*torn)->size() - 5));
  }
  auto second = writer();
  ASSERT_TRUE(append(second, sample_loss(1, 2)));
  const auto seen = read_losses(*port, "kv/losses");
  EXPECT_EQ(seen.lines, (lines{"loss 1 1 0", "loss 1 2 0"}));
  EXPECT_GT(seen.files.unreadable, 0u);
}

TEST_P(LossFiles, AChangedByteIsNoticed) {
  auto to = writer();
  ASSERT_TRUE(append(to, sample_loss(1, 1)));
  auto opened = port->open("kv/losses/" + names().at(0), open_mode::read_write);
  ASSERT_TRUE(opened);
  const auto size = *(*opened)->size();
  std::byte last[1];
  ASSERT_TRUE((*opened)->read_at(size - 20, last));
  last[0] ^= std::byte{1};
  ASSERT_TRUE((*opened)->write_at(size - 20, last));
  const auto seen = read_losses(*port, "kv/losses");
  EXPECT_EQ(seen.lines, lines{});
  EXPECT_EQ(seen.files.unreadable, size - 48) << "all but the head";
}

TEST_P(LossFiles, OfANewerFormatAreRefused) {
  auto to = writer();
  ASSERT_TRUE(append(to, sample_loss(1, 1)));
  auto opened = port->open("kv/losses/" + names().at(0), open_mode::read_write);
  ASSERT_TRUE(opened);
  const std::byte two[1]{std::byte{2}};
  ASSERT_TRUE((*opened)->write_at(8, two));
  const auto seen = read_losses(*port, "kv/losses");
  ASSERT_EQ(seen.lines.size(), 1u);
  EXPECT_NE(seen.lines[0].find("written in format 2, this program knows up to 1"),
            std::string::npos)
      << seen.lines[0];
}

// The bound: the oldest files go, and how many losses were in them is told.
TEST_P(LossFiles, DropTheOldestBeyondTheBoundAndCountThem) {
  constexpr std::uint64_t bytes_max = 8192;
  auto to = writer(bytes_max);
  constexpr std::uint64_t count = 200;
  for (std::uint64_t i = 1; i <= count; ++i) ASSERT_TRUE(append(to, sample_loss(1, i)));
  const auto seen = read_losses(*port, "kv/losses");
  EXPECT_EQ(seen.lines.back(), "loss 1 200 0");
  EXPECT_GT(seen.files.dropped, 0u);
  EXPECT_EQ(seen.files.dropped + seen.lines.size(), count) << "none is missing without a word";
  EXPECT_EQ(to.dropped(), seen.files.dropped);
  std::uint64_t bytes = 0;
  for (const auto& name : names()) {
    auto opened = port->open("kv/losses/" + name, open_mode::read);
    ASSERT_TRUE(opened);
    bytes += *(*opened)->size();
  }
  EXPECT_LE(bytes, bytes_max);
  auto later = writer(bytes_max);
  ASSERT_TRUE(append(later, sample_loss(2, 1)));
  EXPECT_GE(later.dropped(), seen.files.dropped);
}

TEST_P(LossFiles, AFullDiskIsReportedAndLosesNothingThatWasThere) {
  std::string why_not;
  auto small = make_small_disk(GetParam(), 64 << 10, why_not);
  if (!small) GTEST_SKIP() << why_not;
  std::shared_ptr<disk> where{&small->port(), [](disk*) {}};
  loss_writer to{where, "kv/losses", loss_file_kind::losses, plenty};
  std::size_t noted = 0;
  auto appended = append(to, sample_loss(1, 1));
  for (; appended && noted < 10'000; appended = append(to, sample_loss(1, noted + 1))) ++noted;
  ASSERT_FALSE(appended);
  EXPECT_EQ(appended.error().code, errc::disk_full) << appended.error().text;
  EXPECT_EQ(read_losses(*where, "kv/losses").lines.size(), noted);
}

// They are asked for again, and would be there twice.
TEST_P(LossFiles, OfLossesThatFoundNoSpaceNoneIsThere) {
  std::string why_not;
  auto small = make_small_disk(GetParam(), 64 << 10, why_not);
  if (!small) GTEST_SKIP() << why_not;
  std::shared_ptr<disk> where{&small->port(), [](disk*) {}};
  loss_writer to{where, "kv/losses", loss_file_kind::losses, plenty};
  ASSERT_TRUE(append(to, sample_loss(1, 1)));
  std::vector<std::string> many;
  for (std::uint64_t i = 2; i < 2000; ++i) many.push_back(encode(sample_loss(1, i)));
  const auto appended = to.append(many);
  ASSERT_FALSE(appended);
  EXPECT_EQ(appended.error().code, errc::disk_full) << appended.error().text;
  EXPECT_EQ(read_losses(*where, "kv/losses").lines, lines{"loss 1 1 0"});
}

INSTANTIATE_TEST_SUITE_P(On, LossFiles, testing::Values(disk_kind::simulated, disk_kind::live),
                         [](const auto& with) { return to_string(with.param); });

}  // namespace
}  // namespace us::test
