// Two hundred seeds of faults at two of three nodes, and on every link: what may be executed twice
// is always answered, by the third if by nobody else; what must not be never is. UNDERSTUDY_SEED is
// the first seed, UNDERSTUDY_SEEDS how many.
#include "runtime/simulation/gtest.hpp"
#include "tests/router/routed_cluster.hpp"

#include <gtest/gtest.h>

namespace us::test {
namespace {

using namespace std::chrono_literals;

class RouterSweep : public testing::TestWithParam<intensity> {};

TEST_P(RouterSweep, AnswersWhileOneNodeIsWellAndNeverExecutesTwice) {
  for_each_seed(1, 100, [](std::uint64_t seed) {
    routed_cluster cluster{seed};
    auto& sim = cluster.sim();
    cluster.load().interval = 5ms;
    sim.run_for(500ms);
    sim.play(make_fault_plan(seed, {"a", "b"}, GetParam(), 4s));
    sim.run_for(4s);
    sim.heal_everything();
    sim.run_for(10s);  // the longest ejection that four seconds of faults can have made, and more
    cluster.finish();
    for (const auto& r : cluster.failed())
      ADD_FAILURE() << "request " << r.number << ": " << r.text;
    EXPECT_EQ(cluster.answered_by(sim.now() - 4s).size(), 3u) << "all three answer again";
  });
}

INSTANTIATE_TEST_SUITE_P(All, RouterSweep, testing::Values(intensity::rough, intensity::brutal),
                         [](const auto& with) {
                           return with.param == intensity::rough ? "Rough" : "Brutal";
                         });

}  // namespace
}  // namespace us::test
