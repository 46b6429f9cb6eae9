// What logs and snapshots may rely on of any disk (runtime/ports/disk.hpp): the simulated one is
// worth as much as it behaves like the real one.
#include "tests/disk/disk_worlds.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string_view>

namespace us::test {
namespace {

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span{text.data(), text.size()});
}

std::string content(file& f) {
  std::string text(*f.size(), '?');
  const auto got = f.read_at(0, std::as_writable_bytes(std::span{text}));
  return got ? text.substr(0, *got) : got.error().text;
}

template <class T>
errc code_of(const result<T>& said) {
  return said ? errc::none : said.error().code;
}

struct Disk : testing::TestWithParam<disk_kind> {
  std::unique_ptr<disk_world> world = make_disk(GetParam());
  disk& port = world->port();

  std::unique_ptr<file> make(const std::string& path, std::string_view text = "") {
    auto made = port.open(path, open_mode::create);
    if (!made) throw std::runtime_error{made.error().text};
    EXPECT_TRUE((*made)->write_at(0, bytes(text)));
    return std::move(*made);
  }
  std::string content_of(const std::string& path) {
    auto opened = port.open(path, open_mode::read);
    return opened ? content(**opened) : to_string(opened.error().code);
  }
  std::vector<std::string> names(const std::string& directory) {
    auto all = *port.list(directory);
    std::erase(all, "lock");  // of the live disk, in the data directory itself
    return all;
  }
};
const std::string missing = to_string(errc::not_found);

TEST_P(Disk, KnowsTheMachinesRun) {
  EXPECT_NE(port.boot(), 0u);
  EXPECT_EQ(port.boot(), port.boot());
}

TEST_P(Disk, ReadsBackWhatWasWrittenAtAnyOffset) {
  auto f = make("x");
  ASSERT_TRUE(f->write_at(10'000, bytes("world")));
  ASSERT_TRUE(f->write_at(0, bytes("hello")));
  ASSERT_TRUE(f->write_at(3, bytes("p!")));
  ASSERT_TRUE(f->sync());
  EXPECT_EQ(*f->size(), 10'005u);
  const auto text = content(*f);
  EXPECT_EQ(text.substr(0, 5), "help!");
  EXPECT_EQ(text.substr(10'000), "world");
  EXPECT_EQ(text.find_first_not_of('\0', 5), 10'000u);
}

TEST_P(Disk, WritesZerosOverWhatWasThere) {
  auto f = make("x", std::string(9000, 'a'));
  ASSERT_TRUE(f->write_at(100, bytes(std::string(8000, '\0'))));
  ASSERT_TRUE(f->write_at(9000, bytes(std::string(5000, '\0'))));
  EXPECT_EQ(content(*f), std::string(100, 'a') + std::string(8000, '\0') + std::string(900, 'a') +
                             std::string(5000, '\0'));
}

TEST_P(Disk, ReadsFewerBytesOnlyAtTheEnd) {
  auto f = make("x", "abc");
  std::array<std::byte, 2> two{};
  EXPECT_EQ(*f->read_at(0, two), 2u);
  EXPECT_EQ(*f->read_at(2, two), 1u);
  EXPECT_EQ(*f->read_at(3, two), 0u);
  EXPECT_EQ(*f->read_at(1'000'000, two), 0u);
}

TEST_P(Disk, ShowsZerosWhereACutFileGrowsAgain) {
  auto f = make("x", "abcdef");
  ASSERT_TRUE(f->truncate(3));
  EXPECT_EQ(*f->size(), 3u);
  ASSERT_TRUE(f->truncate(6));
  EXPECT_EQ(content(*f), std::string("abc\0\0\0", 6));
}

TEST_P(Disk, ReservesZerosBehindWhatIsThere) {
  auto f = make("x", "abc");
  ASSERT_TRUE(f->reserve(9000));
  EXPECT_EQ(*f->size(), 9000u);
  EXPECT_EQ(content(*f), "abc" + std::string(8997, '\0'));
  ASSERT_TRUE(f->write_at(5, bytes("d")));
  ASSERT_TRUE(f->reserve(6)) << "never cuts it";
  ASSERT_TRUE(f->reserve(0));
  EXPECT_EQ(*f->size(), 9000u);
  EXPECT_EQ(content(*f).substr(0, 6), std::string("abc\0\0d", 6));
}

TEST_P(Disk, MakesAFileOnlyWhenAskedTo) {
  EXPECT_EQ(code_of(port.open("x", open_mode::read)), errc::not_found);
  EXPECT_EQ(code_of(port.open("x", open_mode::read_write)), errc::not_found);
  EXPECT_EQ(code_of(port.open("nowhere/x", open_mode::create)), errc::not_found);
  make("x", "abc");
  EXPECT_EQ(content(**port.open("x", open_mode::create)), "abc");
}

TEST_P(Disk, WritesNothingThroughAFileOpenedForReading) {
  make("x", "abc");
  auto f = std::move(*port.open("x", open_mode::read));
  EXPECT_EQ(code_of(f->write_at(0, bytes("b"))), errc::io_failed);
  EXPECT_EQ(code_of(f->truncate(0)), errc::io_failed);
  EXPECT_EQ(code_of(f->reserve(9)), errc::io_failed);
  EXPECT_EQ(content(*f), "abc");
}

TEST_P(Disk, ReplacesTheTargetOfARename) {
  auto before = make("y", "old");
  auto f = make("x", "new");
  ASSERT_TRUE(port.rename("x", "y"));
  ASSERT_TRUE(port.sync_directory(""));
  EXPECT_EQ(content_of("y"), "new");
  EXPECT_EQ(content_of("x"), missing);
  EXPECT_EQ(content(*before), "old") << "who has it open keeps it";
  ASSERT_TRUE(f->write_at(3, bytes("er")));
  EXPECT_EQ(content_of("y"), "newer");
  EXPECT_EQ(names(""), (std::vector<std::string>{"y"}));
}

TEST_P(Disk, RenamesDirectoriesWithWhatIsInThem) {
  ASSERT_TRUE(port.make_directory("a/b"));
  make("a/b/x", "abc");
  ASSERT_TRUE(port.rename("a", "c"));
  EXPECT_EQ(content_of("c/b/x"), "abc");
  EXPECT_EQ(content_of("a/b/x"), missing);
}

TEST_P(Disk, SaysWhatARenameMisses) {
  make("x");
  EXPECT_EQ(code_of(port.rename("y", "z")), errc::not_found);
  EXPECT_EQ(code_of(port.rename("x", "nowhere/x")), errc::not_found);
  ASSERT_TRUE(port.rename("x", "x"));
  EXPECT_EQ(names(""), (std::vector<std::string>{"x"}));
}

TEST_P(Disk, KeepsARemovedFileForWhoHasItOpen) {
  auto f = make("x", "abc");
  ASSERT_TRUE(port.remove("x"));
  EXPECT_EQ(content_of("x"), missing);
  EXPECT_EQ(code_of(port.remove("x")), errc::not_found);
  ASSERT_TRUE(f->write_at(3, bytes("def")));
  EXPECT_EQ(content(*f), "abcdef");
  ASSERT_TRUE(f->sync());
}

TEST_P(Disk, RemovesOnlyEmptyDirectories) {
  ASSERT_TRUE(port.make_directory("a"));
  make("a/x", "abc");
  EXPECT_EQ(code_of(port.remove("a")), errc::io_failed);
  EXPECT_EQ(content_of("a/x"), "abc");
  ASSERT_TRUE(port.remove("a/x"));
  ASSERT_TRUE(port.remove("a"));
  EXPECT_TRUE(names("").empty());
}

TEST_P(Disk, ListsOneDirectoryInOrder) {
  ASSERT_TRUE(port.make_directory("log/deep"));
  make("log/2");
  make("log/10");
  make("log/deep/1");
  make("logs");
  EXPECT_EQ(names("log"), (std::vector<std::string>{"10", "2", "deep"}));
  EXPECT_EQ(names(""), (std::vector<std::string>{"log", "logs"}));
  EXPECT_TRUE(names("nothing").empty());
  EXPECT_EQ(code_of(port.list("logs")), errc::io_failed);
}

TEST_P(Disk, TellsFilesAndDirectoriesApart) {
  ASSERT_TRUE(port.make_directory("a"));
  ASSERT_TRUE(port.make_directory("a")) << "again does no harm";
  make("x");
  EXPECT_EQ(code_of(port.make_directory("x")), errc::io_failed);
  EXPECT_EQ(code_of(port.open("a", open_mode::create)), errc::io_failed);
  EXPECT_EQ(code_of(port.open("a", open_mode::read_write)), errc::io_failed);
  EXPECT_EQ(code_of(port.rename("x", "a")), errc::io_failed);
  EXPECT_EQ(code_of(port.rename("a", "x")), errc::io_failed);
}

TEST_P(Disk, SyncsDirectoriesThatThereAre) {
  ASSERT_TRUE(port.make_directory("a"));
  EXPECT_TRUE(port.sync_directory("a"));
  EXPECT_TRUE(port.sync_directory(""));
  EXPECT_EQ(code_of(port.sync_directory("nowhere")), errc::not_found);
}

TEST_P(Disk, RefusesPathsThatLeaveIt) {
  EXPECT_FALSE(port.open("../x", open_mode::create));
  EXPECT_FALSE(port.open("/x", open_mode::create));
  make("a");
  EXPECT_FALSE(port.rename("a", "b/../../c"));
  EXPECT_FALSE(port.make_directory("../y"));
}

// 256 KiB: what is there stays, and what is freed can be used again.
TEST_P(Disk, SaysThatItIsFullAndLosesNothing) {
  std::string why_not;
  auto small = make_small_disk(GetParam(), 256 << 10, why_not);
  if (!small) GTEST_SKIP() << "needs the right to mount: " << why_not;
  auto kept = std::move(*small->port().open("kept", open_mode::create));
  ASSERT_TRUE(kept->write_at(0, bytes("abc")));
  auto f = std::move(*small->port().open("x", open_mode::create));
  const std::string block(32 << 10, 'x');
  status written = done{};
  for (std::uint64_t at = 0; written && at < 1 << 20; at += block.size())
    written = f->write_at(at, bytes(block));
  EXPECT_EQ(code_of(written), errc::disk_full);
  EXPECT_EQ(content(*kept), "abc");
  ASSERT_TRUE(kept->write_at(0, bytes("def"))) << "overwriting needs no room";
  f.reset();
  ASSERT_TRUE(small->port().remove("x"));
  ASSERT_TRUE(kept->write_at(3, bytes(block)));
  ASSERT_TRUE(kept->sync());
}

TEST_P(Disk, ReservesOnlyWhatThereIsRoomFor) {
  std::string why_not;
  auto small = make_small_disk(GetParam(), 256 << 10, why_not);
  if (!small) GTEST_SKIP() << "needs the right to mount: " << why_not;
  auto f = std::move(*small->port().open("x", open_mode::create));
  EXPECT_EQ(code_of(f->reserve(1 << 20)), errc::disk_full);
  f.reset();
  ASSERT_TRUE(small->port().remove("x"));
  auto reserved = std::move(*small->port().open("y", open_mode::create));
  ASSERT_TRUE(reserved->reserve(64 << 10));
  auto rest = std::move(*small->port().open("z", open_mode::create));
  while (rest->write_at(*rest->size(), bytes(std::string(4 << 10, 'x')))) {
  }
  const std::string block(64 << 10, 'y');
  EXPECT_TRUE(reserved->write_at(0, bytes(block))) << "its space is its own";
  EXPECT_EQ(content(*reserved), block);
}

INSTANTIATE_TEST_SUITE_P(Every, Disk, testing::Values(disk_kind::simulated, disk_kind::live),
                         [](const auto& with) { return to_string(with.param); });

}  // namespace
}  // namespace us::test
