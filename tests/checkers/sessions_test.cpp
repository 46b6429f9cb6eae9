#include "runtime/checkers/sessions.hpp"

#include <gtest/gtest.h>

namespace us {
namespace {

class session_history {
 public:
  session_history& add(std::int64_t process, const std::string& f, std::uint64_t version,
                       const std::string& key = "x") {
    const auto index =
        h_.begin({.process = process, .f = f, .key = key, .input = {}, .expected = {}});
    h_.end(index, {operation_outcome::done, {}, version, 0});
    return *this;
  }
  session_check check() const { return check_sessions(h_); }

 private:
  history h_;
};

TEST(Sessions, HoldWhereVersionsGrow) {
  EXPECT_TRUE(
      session_history{}.add(1, "write", 1).add(1, "read", 1).add(1, "read", 3).check().held());
}

TEST(Sessions, FindAReadThatIsOlderThanTheLast) {
  const auto checked =
      session_history{}.add(1, "read", 5).add(2, "read", 4).add(1, "read", 4).check();
  ASSERT_EQ(checked.violations.size(), 1u);
  EXPECT_EQ(checked.violations[0].guarantee, session_violation::guarantee::monotonic_reads);
  EXPECT_EQ(checked.violations[0].earlier, 0u);
  EXPECT_EQ(checked.violations[0].later, 2u);
  EXPECT_EQ(checked.explanation,
            "monotonic reads: process 1: read() -> null on key \"x\" saw version 4, "
            "after read() -> null of version 5\n");
}

TEST(Sessions, FindAReadThatIsOlderThanTheOwnWrite) {
  const auto checked = session_history{}.add(1, "put", 5).add(1, "get", 4).check();
  ASSERT_EQ(checked.violations.size(), 1u);
  EXPECT_EQ(checked.violations[0].guarantee, session_violation::guarantee::read_your_writes);
}

TEST(Sessions, KeepKeysAndSessionsApartAndPassOverWhatHasNoVersion) {
  EXPECT_TRUE(session_history{}
                  .add(1, "read", 5)
                  .add(1, "read", 4, "y")
                  .add(2, "read", 3)
                  .add(1, "read", 0)
                  .check()
                  .held());
}

}  // namespace
}  // namespace us
