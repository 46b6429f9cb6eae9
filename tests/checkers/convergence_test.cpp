#include "runtime/checkers/reconciliation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace us {
namespace {

using testing::ElementsAre;

TEST(Reconciliation, HoldsWhenAllThatWasAcknowledgedIsThereOnce) {
  EXPECT_TRUE(
      reconcile({.acknowledged = {"a", "b"}, .unknown = {"c", "d"}}, {"b", "c", "a"}).held());
}

TEST(Reconciliation, ListsWhatIsLostDuplicatedAndUnasked) {
  const auto found =
      reconcile({.acknowledged = {"a", "b"}, .unknown = {"c"}}, {"b", "b", "c", "c", "z"});
  EXPECT_FALSE(found.held());
  EXPECT_THAT(found.lost, ElementsAre("a"));
  EXPECT_THAT(found.duplicated, ElementsAre("b", "c"));
  EXPECT_THAT(found.unasked, ElementsAre("z"));
  EXPECT_EQ(found.explanation,
            "1 acknowledged and lost: \"a\"\n"
            "2 applied more than once: \"b\" \"c\"\n"
            "1 applied and never acknowledged or open: \"z\"\n");
}

std::map<std::string, replica_contents> two(const replica_contents& a, const replica_contents& b) {
  return {{"a", a}, {"b", b}};
}

TEST(Convergence, HoldsForEqualReplicas) {
  EXPECT_TRUE(check_convergence(two({{"k", "1"}}, {{"k", "1"}})).converged);
  EXPECT_TRUE(check_convergence(std::map<std::string, replica_contents>{}).converged);
  EXPECT_TRUE(
      check_convergence(std::map<std::string, std::string>{{"a", "ff"}, {"b", "ff"}}).converged);
}

TEST(Convergence, NamesTheFirstDifference) {
  const auto value = check_convergence(two({{"k", "1"}, {"l", "2"}}, {{"k", "1"}, {"l", "3"}}));
  EXPECT_EQ(value.explanation, "key \"l\": replica a has \"2\", replica b has \"3\"\n");
  const auto missing = check_convergence(two({{"k", "1"}, {"l", "2"}}, {{"l", "2"}}));
  EXPECT_EQ(missing.key, "k");
  EXPECT_EQ(missing.explanation, "key \"k\": replica a has \"1\", replica b has nothing\n");
  EXPECT_EQ(check_convergence(two({}, {{"z", "2"}})).key, "z");
  const auto digest =
      check_convergence(std::map<std::string, std::string>{{"a", "ff"}, {"b", "fe"}});
  EXPECT_EQ(digest.explanation, "replica a has digest \"ff\", replica b has \"fe\"\n");
}

}  // namespace
}  // namespace us
