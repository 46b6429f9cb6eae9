// A run can be drawn: who led when, what was sent, what broke.
#include "actors/simulation/trace_page.hpp"
#include "apps/counter/counter_service.hpp"
#include "runtime/simulation/gtest.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace us {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

fault_plan crash_of_a() {
  return {{{1s, 500ms, fault_kind::crash, {"a"}}}, 3s};
}

bool spent(const trace_record& run, const std::string& node, const std::string& as) {
  return std::ranges::any_of(run.spans,
                             [&](const trace_span& s) { return s.node == node && s.what == as; });
}

TEST(Trace, RecordsRolesFaultsAndFrames) {
  simulated_cluster cluster{{.seed = test_seed(), .plan = crash_of_a()}, counter_service()};
  trace_recorder recorder{cluster};
  cluster.safety_phase();
  const auto run = recorder.record("");
  EXPECT_EQ(run.length, 3s);
  EXPECT_TRUE(spent(run, "a", "down"));
  EXPECT_TRUE(spent(run, "a", "follower"));
  EXPECT_TRUE(std::ranges::any_of(run.nodes, [&](auto& n) { return spent(run, n, "leader"); }));
  ASSERT_EQ(run.faults.size(), 1u);
  const auto type = [](const std::string& name) {
    return [name](const trace_frame& f) { return f.type == name; };
  };
  EXPECT_TRUE(std::ranges::any_of(run.frames, type("VoteRequest")));
  EXPECT_TRUE(std::ranges::any_of(run.frames, type("AppendReply")));
  for (const auto& name : run.nodes) {
    // Every moment of a node is in exactly one span.
    duration until{0};
    for (const auto& s : run.spans) {
      if (s.node != name) continue;
      EXPECT_TRUE(until == 0s || s.from == until) << name;
      until = s.to;
    }
    EXPECT_EQ(until, 3s) << name;
  }
}

TEST(Trace, ChangesNothingOfTheRun) {
  const auto hash = [](bool traced) {
    simulated_cluster cluster{{.seed = 4, .plan = crash_of_a()}, counter_service()};
    std::optional<trace_recorder> recorder;
    if (traced) recorder.emplace(cluster);
    cluster.safety_phase();
    return cluster.world().trace_hash();
  };
  EXPECT_EQ(hash(true), hash(false));
}

TEST(Trace, KeepsABoundedNumberOfFrames) {
  simulated_cluster cluster{{.seed = test_seed()}, counter_service()};
  trace_recorder recorder{cluster, 10};
  cluster.advance(2s);
  const auto run = recorder.record("");
  EXPECT_EQ(run.frames.size(), 10u);
  EXPECT_GT(run.frames_left_out, 0u);
}

TEST(TracePage, HoldsAllAndNeedsNoNetwork) {
  trace_record run;
  run.nodes = {"a"};
  run.length = 1s;
  run.spans = {{"a", "leader", 3, 0s, 1s}};
  run.failure = "<script>alert(1)</script>";
  run.events = {{500ms, "a", severity::event, "</script><b>\"quoted\""}};
  const auto page = trace_page(run, "seed 9");
  EXPECT_THAT(page, HasSubstr("seed 9"));
  EXPECT_THAT(page, HasSubstr("[\"a\",\"leader\",3,0.000000,1.000000]"));
  EXPECT_THAT(page, testing::Not(HasSubstr("http")));
  EXPECT_THAT(page, testing::Not(HasSubstr("alert(1)</script>")));
  const auto begin = page.find("<script>"), end = page.find("</script>");
  EXPECT_EQ(page.find("</script>", end + 1), std::string::npos) << "text cannot end the script";
  EXPECT_LT(begin, end);
}

}  // namespace
}  // namespace us
