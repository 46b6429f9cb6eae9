/// The simulated disk loses what was not synced and nothing else, and fails when told to; tests/disk
/// has the contract that it shares with the real one.

#include "runtime/simulation/gtest.hpp"
#include "runtime/simulation/sim_disk.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace us {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

struct SimulatedDisk : testing::Test {
  sim::disk_image image{sim::random_stream{test_seed()}};
  std::shared_ptr<sim::disk_access> access = std::make_shared<sim::disk_access>(image);
  std::shared_ptr<disk> port = sim::make_disk_port(access);

  /// A power loss and a start: files opened before are dead.
  void crash() {
    access->close();
    image.lose_unsynced();
    access = std::make_shared<sim::disk_access>(image);
    port = sim::make_disk_port(access);
  }
  std::unique_ptr<file> make(const std::string& path) {
    auto made = port->open(path, open_mode::create);
    EXPECT_TRUE(made) << made.error().text;
    return std::move(*made);
  }
  std::unique_ptr<file> make_durable(const std::string& path) {
    auto made = make(path);
    EXPECT_TRUE(port->sync_directory(""));
    return made;
  }
  std::string content(const std::string& path) {
    auto f = port->open(path, open_mode::read);
    if (!f) return "<" + f.error().text + ">";
    std::string text(*(*f)->size(), '?');
    auto count = (*f)->read_at(0, {reinterpret_cast<std::byte*>(text.data()), text.size()});
    EXPECT_TRUE(count);
    return text;
  }
};

TEST_F(SimulatedDisk, IsInAnotherRunAfterAPowerLoss) {
  const auto before = port->boot();
  crash();
  EXPECT_NE(port->boot(), before);
}

TEST_F(SimulatedDisk, NeverLosesWhatWasSynced) {
  for (int i = 0; i < 200; ++i) {
    auto f = make_durable("x");
    const auto text = std::string(3000, static_cast<char>('a' + i % 26));
    ASSERT_TRUE(f->write_at(0, bytes_of(text)));
    ASSERT_TRUE(f->sync());
    // Written after the sync, elsewhere in the file: may go, and takes nothing along.
    ASSERT_TRUE(f->write_at(3000, bytes_of("later")));
    crash();
    ASSERT_EQ(content("x").substr(0, 3000), text);
  }
}

TEST_F(SimulatedDisk, LosesKeepsOrTearsWhatWasNotSynced) {
  int lost = 0, kept = 0, torn = 0;
  for (int i = 0; i < 300; ++i) {
    auto f = make_durable("x");
    ASSERT_TRUE(f->truncate(0));
    ASSERT_TRUE(f->write_at(0, bytes_of(std::string(2048, '-'))));
    ASSERT_TRUE(f->sync());
    ASSERT_TRUE(f->write_at(0, bytes_of(std::string(2048, '+'))));
    crash();
    const auto text = content("x");
    ASSERT_EQ(text.size(), 2048u);
    const auto fresh = std::count(text.begin(), text.end(), '+');
    ASSERT_EQ(fresh % 512, 0) << "a sector is written whole or not at all";
    (fresh == 0 ? lost : fresh == 2048 ? kept : torn) += 1;
  }
  EXPECT_GT(lost, 50);
  EXPECT_GT(kept, 50);
  EXPECT_GT(torn, 50);
  EXPECT_GT(image.counts().writes_torn, 0u);
}

TEST_F(SimulatedDisk, LosesAFileWhoseDirectoryWasNotSynced) {
  int there = 0;
  for (int i = 0; i < 100; ++i) {
    image.erase();
    auto f = make("x");
    ASSERT_TRUE(f->write_at(0, bytes_of("hello")));
    ASSERT_TRUE(f->sync());
    crash();
    if (content("x") == "hello") ++there;
  }
  EXPECT_GT(there, 10);
  EXPECT_LT(there, 90);
}

TEST_F(SimulatedDisk, RenamesAtomicallyAndDurablyOnceTheDirectoryIsSynced) {
  int old_seen = 0, new_seen = 0;
  for (int i = 0; i < 100; ++i) {
    const auto sync = i % 2 == 0;
    image.erase();
    auto f = make_durable("x");
    ASSERT_TRUE(f->write_at(0, bytes_of("old")));
    ASSERT_TRUE(f->sync());
    auto g = make("x.new");
    ASSERT_TRUE(g->write_at(0, bytes_of("new")));
    ASSERT_TRUE(g->sync());
    ASSERT_TRUE(port->rename("x.new", "x"));
    EXPECT_EQ(content("x"), "new");
    if (sync) {
      ASSERT_TRUE(port->sync_directory(""));
    }
    crash();
    const auto text = content("x");
    ASSERT_TRUE(text == "new" || (!sync && text == "old")) << text;
    ++(text == "new" ? new_seen : old_seen);
  }
  EXPECT_GT(old_seen, 0);
  EXPECT_GT(new_seen, 50);
}

TEST_F(SimulatedDisk, BringsARemovedFileBackUnlessTheDirectoryWasSynced) {
  int back = 0;
  for (int i = 0; i < 100; ++i) {
    const auto sync = i % 2 == 0;
    image.erase();
    make_durable("x");
    ASSERT_TRUE(port->remove("x"));
    if (sync) {
      ASSERT_TRUE(port->sync_directory("."));
    }
    crash();
    const auto there = !port->list("")->empty();
    ASSERT_FALSE(sync && there);
    back += there;
  }
  EXPECT_GT(back, 0);
}

TEST_F(SimulatedDisk, LosesWhatLiesInADirectoryThatWasItselfNotDurable) {
  for (int i = 0; i < 50; ++i) {
    image.erase();
    ASSERT_TRUE(port->make_directory("log"));
    make("log/1");
    ASSERT_TRUE(port->sync_directory("log"));
    crash();
    const auto top = *port->list("");
    EXPECT_EQ(*port->list("log"),
              top.empty() ? std::vector<std::string>{} : std::vector<std::string>{"1"});
  }
}

TEST_F(SimulatedDisk, IsFullAtItsCapacity) {
  image.capacity(1000);
  auto f = make("x");
  ASSERT_TRUE(f->write_at(0, bytes_of(std::string(900, 'x'))));
  EXPECT_EQ(f->write_at(900, bytes_of(std::string(200, 'y'))).error().code, errc::disk_full);
  EXPECT_LE(*f->size(), 1000u);
  EXPECT_TRUE(f->write_at(0, bytes_of("overwriting needs no space")));
  ASSERT_TRUE(port->remove("x"));
  auto g = make("y");
  EXPECT_TRUE(g->write_at(0, bytes_of(std::string(1000, 'z'))));
}

TEST_F(SimulatedDisk, FreesTheSpaceOfAFileThatARenameReplaces) {
  image.capacity(1500);
  auto f = make("x");
  ASSERT_TRUE(f->write_at(0, bytes_of(std::string(700, 'x'))));
  auto g = make("y");
  ASSERT_TRUE(g->write_at(0, bytes_of(std::string(700, 'y'))));
  ASSERT_TRUE(port->rename("y", "x"));
  EXPECT_EQ(image.used(), 700u);
  EXPECT_TRUE(f->write_at(0, bytes_of(std::string(5000, 'z')))) << "nameless: counts no more";
  EXPECT_EQ(image.used(), 700u);
}

TEST_F(SimulatedDisk, FailsWritesWhenTold) {
  auto f = make("x");
  image.fail_writes();
  EXPECT_EQ(f->write_at(0, bytes_of("hello")).error().code, errc::io_failed);
  image.mend();
  EXPECT_TRUE(f->write_at(0, bytes_of("hello")));
}

// What a failed fsync covered may be gone even though a later one succeeds (Linux; PostgreSQL
// 2018).
TEST_F(SimulatedDisk, MakesNoLaterSyncGoodForAFailedOne) {
  int gone = 0;
  for (int i = 0; i < 100; ++i) {
    auto f = make_durable("x");
    ASSERT_TRUE(f->truncate(0));
    ASSERT_TRUE(f->sync());
    ASSERT_TRUE(f->write_at(0, bytes_of("hello")));
    image.fail_syncs();
    ASSERT_FALSE(f->sync());
    image.mend();
    ASSERT_EQ(content("x"), "hello") << "still in the page cache";
    ASSERT_TRUE(f->sync());
    crash();
    if (content("x") != "hello") ++gone;
  }
  EXPECT_GT(gone, 10);
  EXPECT_LT(gone, 90);
}

TEST_F(SimulatedDisk, FlipsABitOnReadButNotOnTheDisk) {
  auto f = make("x");
  ASSERT_TRUE(f->write_at(0, bytes_of("hello")));
  image.flip_bits_on_read();
  EXPECT_NE(content("x"), "hello");
  image.mend();
  EXPECT_EQ(content("x"), "hello");
  EXPECT_TRUE(image.damage("x", 2));
  EXPECT_NE(content("x"), "hello");
}

TEST_F(SimulatedDisk, IsDeadForFilesOfAnEndedIncarnation) {
  auto f = make_durable("x");
  ASSERT_TRUE(f->write_at(0, bytes_of("hello")));
  ASSERT_TRUE(f->sync());
  crash();
  EXPECT_FALSE(f->write_at(0, bytes_of("ghost")));
  EXPECT_FALSE(f->sync());
  EXPECT_EQ(content("x"), "hello");
}

TEST_F(SimulatedDisk, CostsNoMemoryForAPreallocatedSegment) {
  auto f = make("x");
  ASSERT_TRUE(f->truncate(std::uint64_t{1} << 30));
  EXPECT_EQ(*f->size(), std::uint64_t{1} << 30);
}

}  // namespace
}  // namespace us
