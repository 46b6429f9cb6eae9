#include "runtime/health/phi_accrual.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace us {
namespace {

using std::chrono::milliseconds;

const time_point start{std::chrono::hours{1}};

phi_accrual regular(int beats, milliseconds interval) {
  phi_accrual rhythm{{milliseconds{20}, milliseconds{10}}};
  for (int i = 0; i < beats; ++i) rhythm.heard(start + i * interval);
  return rhythm;
}

TEST(PhiAccrual, IsZeroBeforeAnythingWasHeard) {
  phi_accrual rhythm{{milliseconds{20}, milliseconds{10}}};
  EXPECT_EQ(rhythm.phi(start), 0);
  EXPECT_EQ(rhythm.silence(start), duration::zero());
}

// At the mean the next beat is late with probability one half.
TEST(PhiAccrual, IsTheLogarithmOfTheProbabilityThatTheBeatIsStillToCome) {
  auto rhythm = regular(100, milliseconds{20});
  auto last = start + 99 * milliseconds{20};
  EXPECT_NEAR(rhythm.phi(last + milliseconds{20}), std::log10(2.0), 1e-6);
  // One, two and five deviations late: tails of the normal distribution.
  EXPECT_NEAR(rhythm.phi(last + milliseconds{30}), -std::log10(0.158655), 1e-4);
  EXPECT_NEAR(rhythm.phi(last + milliseconds{40}), -std::log10(0.0227501), 1e-4);
  EXPECT_NEAR(rhythm.phi(last + milliseconds{70}), -std::log10(2.86652e-7), 1e-3);
}

TEST(PhiAccrual, GrowsWithSilenceToInfinity) {
  auto rhythm = regular(10, milliseconds{20});
  auto last = start + 9 * milliseconds{20};
  double before = -1;
  for (int ms = 0; ms < 300; ms += 10) {
    auto now = rhythm.phi(last + milliseconds{ms});
    EXPECT_GT(now, before);
    before = now;
  }
  EXPECT_GT(rhythm.phi(last + std::chrono::hours{1}), 1000);
}

TEST(PhiAccrual, ToleratesMoreWhereIntervalsVaryMore) {
  phi_accrual wild{{milliseconds{20}, milliseconds{10}}};
  auto at = start;
  for (int i = 0; i < 100; ++i) {
    wild.heard(at);
    at += milliseconds{i % 2 == 0 ? 5 : 95};
  }
  auto steady = regular(100, milliseconds{20});
  auto late = milliseconds{150};
  EXPECT_LT(wild.phi(at + late), steady.phi(start + 99 * milliseconds{20} + late));
}

TEST(PhiAccrual, ForgetsOldIntervals) {
  phi_accrual rhythm{{milliseconds{20}, milliseconds{10}, 10}};
  auto at = start;
  for (int i = 0; i < 50; ++i) rhythm.heard(at += milliseconds{500});
  for (int i = 0; i < 10; ++i) rhythm.heard(at += milliseconds{20});
  EXPECT_GT(rhythm.phi(at + milliseconds{100}), 8);
}

// A burst of held-up beats must not make the usual rhythm look slow.
TEST(PhiAccrual, IsNotMisledByABurst) {
  auto rhythm = regular(100, milliseconds{0});
  EXPECT_LT(rhythm.phi(start + milliseconds{20}), 1);
}

TEST(PhiAccrual, CountsSilenceFromWhenListeningBegan) {
  auto rhythm = regular(100, milliseconds{20});
  auto later = start + std::chrono::seconds{60};
  rhythm.listen_from(later);
  EXPECT_EQ(rhythm.silence(later + milliseconds{5}), milliseconds{5});
  EXPECT_LT(rhythm.phi(later + milliseconds{5}), 1);
  // And the minute is no sample.
  rhythm.heard(later + milliseconds{10});
  EXPECT_GT(rhythm.phi(later + milliseconds{110}), 8);
}

}  // namespace
}  // namespace us
