#include "runtime/live/live_log_sink.hpp"

#include <gtest/gtest.h>

namespace us {
namespace {

TEST(LiveLogSink, WritesFieldsAsNameAndValue) {
  EXPECT_EQ(format_log_line({}, severity::info, "link_up", {{"peer", "b"}, {"port", 7101}}),
            "link_up peer=b port=7101");
}

TEST(LiveLogSink, QuotesWhatCouldForgeALine) {
  EXPECT_EQ(format_log_line({}, severity::info, "refused", {{"name", "x\ny z"}}),
            "refused name=\"x\\u000ay z\"");
}

TEST(LiveLogSink, WritesJsonMembers) {
  EXPECT_EQ(format_log_line({.json = true, .node = "a"}, severity::warning, "w", {{"k", "\"v\""}}),
            R"("level":"warning","node":"a","what":"w","k":"\"v\"")");
}

TEST(LiveLogSink, WritesEventsAsPlainSentencesToStdout) {
  testing::internal::CaptureStdout();
  live_log_sink sink{{}};
  sink.write(severity::event, "b is leader, epoch 2");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "b is leader, epoch 2\n");
}

}  // namespace
}  // namespace us
