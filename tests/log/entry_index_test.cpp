#include "runtime/log/entry_index.hpp"

#include "runtime/ensure.hpp"

#include <gtest/gtest.h>

namespace us {
namespace {

TEST(EntryEpochs, FindsEachEntrysEpoch) {
  entry_epochs epochs;
  for (std::uint64_t e : {1, 1, 4, 4, 4, 9}) epochs.push({e});
  EXPECT_EQ(epochs.at({0}), epoch{0});
  EXPECT_EQ(epochs.at({2}), epoch{1});
  EXPECT_EQ(epochs.at({3}), epoch{4});
  EXPECT_EQ(epochs.at({6}), epoch{9});
  EXPECT_EQ(epochs.at({7}), std::nullopt);
}

TEST(EntryEpochs, RefusesAnOlderEpoch) {
  entry_epochs epochs;
  epochs.push({4});
  EXPECT_THROW(epochs.push({3}), invariant_violation);
}

TEST(EntryEpochs, ForgetsWhatIsTruncated) {
  entry_epochs epochs;
  for (std::uint64_t e : {1, 1, 4, 4}) epochs.push({e});
  epochs.truncate_after({2}, {1});
  EXPECT_EQ(epochs.last().value, 2u);
  EXPECT_EQ(epochs.last_epoch().value, 1u);
  epochs.push({5});
  EXPECT_EQ(epochs.at({3}), epoch{5});
}

TEST(EntryEpochs, BeginsAfterACompactedPart) {
  entry_epochs epochs;
  epochs.reset({10}, {3});
  EXPECT_EQ(epochs.first().value, 11u);
  EXPECT_EQ(epochs.at({10}), epoch{3});
  EXPECT_EQ(epochs.at({9}), std::nullopt);
  epochs.push({3});
  epochs.truncate_after({8}, {2});  // of a segment whose own entries were truncated away
  EXPECT_EQ(epochs.first().value, 9u);
  EXPECT_EQ(epochs.last_epoch().value, 2u);
}

TEST(EntryPlaces, KnowsSegmentAndOffset) {
  entry_places places;
  places.push({1, 96});
  places.push({1, 200});
  places.push({2, 96});
  EXPECT_EQ(places.at({2}).segment, 1u);
  EXPECT_EQ(places.at({2}).offset, 200u);
  EXPECT_EQ(places.at({3}).segment, 2u);
  places.truncate_after({1});
  places.push({3, 8});
  EXPECT_EQ(places.at({1}).segment, 1u);
  EXPECT_EQ(places.at({2}).segment, 3u);
}

TEST(EntryPlaces, NamesNeighboursOfOneSegmentOnly) {
  entry_places places;
  for (std::uint64_t offset : {96, 200, 304, 408}) places.push({1, offset});
  places.push({2, 96});
  EXPECT_EQ(places.neighbours({1}, 1).size(), 1u);
  EXPECT_EQ(places.neighbours({1}, 209).size(), 3u);
  EXPECT_EQ(places.neighbours({2}, 1u << 20).size(), 3u);
  EXPECT_EQ(places.neighbours({5}, 1u << 20).size(), 1u);
}

}  // namespace
}  // namespace us
