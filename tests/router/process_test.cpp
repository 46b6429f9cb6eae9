// A router over three real processes while one of them hangs, dies or stops in order.
#include "tests/router/live_load.hpp"

#include <gtest/gtest.h>

#include <signal.h>

namespace us::test {
namespace {

using namespace std::chrono_literals;

/// Machines under load pause processes for a while; that is not what is tested.
load_plan patient(std::function<void()> act) {
  return {.length = 3s, .every = 5ms, .timeout = 20s, .charges = 4, .act = std::move(act)};
}

class RouterOverProcesses : public testing::Test {
 protected:
  live_backends backends{ECHO_PROGRAM};

  void expect_answered(const load_result& result) {
    EXPECT_EQ(result.echoes_failed, 0u) << result.unknown << " unknown of " << result.sent;
    EXPECT_EQ(result.done + result.unknown + result.rejected, result.sent);
    EXPECT_GT(result.sent, 50u);
  }
};

TEST_F(RouterOverProcesses, LosesNothingThatMayBeRetriedWhenOneHangs) {
  auto& hung = backends.process("a");
  const auto result = backends.run(patient([&] { hung.signal(SIGSTOP); }));
  hung.signal(SIGCONT);
  expect_answered(result);
  EXPECT_EQ(result.answered_by.size(), 3u);
}

TEST_F(RouterOverProcesses, LosesNothingThatMayBeRetriedWhenOneDies) {
  const auto result = backends.run(patient([&] { backends.process("a").signal(SIGKILL); }));
  expect_answered(result);
  EXPECT_EQ(result.answered_by.size(), 3u);
}

TEST_F(RouterOverProcesses, LosesNothingAtAllWhenOneStopsInOrder) {
  const auto result = backends.run(patient([&] { backends.process("a").signal(SIGTERM); }));
  expect_answered(result);
  EXPECT_EQ(result.done, result.sent);
  EXPECT_EQ(backends.process("a").wait(), 0);
}

}  // namespace
}  // namespace us::test
