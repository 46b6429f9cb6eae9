#include "messages/ids.hpp"

#include <gtest/gtest.h>

#include <type_traits>
#include <unordered_set>

namespace us {
namespace {

TEST(Ids, OfNamesAreStableAcrossVersions) {
  EXPECT_EQ(node_id_of("a").value, 15201566949650179872ull);
  EXPECT_EQ(actor_key_of("a").value, 12281825131740780327ull);
}

TEST(Ids, OfNodesAndActorsDifferForTheSameName) {
  EXPECT_NE(node_id_of("kv").value, actor_key_of("kv").value);
}

TEST(Ids, AreNeverNone) {
  std::unordered_set<node_id> seen;
  for (int i = 0; i < 10'000; ++i) {
    const auto id = node_id_of(std::to_string(i));
    EXPECT_FALSE(id.none());
    EXPECT_TRUE(seen.insert(id).second) << i;
  }
  EXPECT_FALSE(node_id_of("").none());
}

TEST(Ids, OfDifferentKindsDoNotMix) {
  static_assert(!std::is_convertible_v<epoch, log_index>);
  static_assert(!std::is_convertible_v<std::uint64_t, epoch>);
  static_assert(!std::is_constructible_v<node_id, actor_key>);
  EXPECT_EQ(log_index{4}.next(), log_index{5});
  EXPECT_EQ(log_index{4}.previous(), log_index{3});
  EXPECT_LT(epoch{1}, epoch{2});
}

}  // namespace
}  // namespace us
