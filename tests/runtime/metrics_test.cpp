#include "runtime/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace us {
namespace {

using testing::HasSubstr;

TEST(Metrics, WithTheSameNameAndLabelsAreOne) {
  metrics all;
  all.make_counter("c_total", "help", {{"k", "v"}}).add(2);
  auto again = all.make_counter("c_total", "help", {{"k", "v"}});
  again.add();
  EXPECT_EQ(again.value(), 3);
  EXPECT_EQ(all.make_counter("c_total", "help", {{"k", "w"}}).value(), 0);
}

TEST(Metrics, AreExposedAsText) {
  metrics all;
  all.make_counter("c_total", "counts things", {{"k", "v"}}).add(2);
  all.make_gauge("g", "a level").set(1.5);
  all.make_histogram("h_seconds", "times", {0.1, 1}).observe(0.5);
  const auto text = all.text();
  EXPECT_THAT(text, HasSubstr("# HELP c_total counts things\n# TYPE c_total counter\n"));
  EXPECT_THAT(text, HasSubstr("c_total{k=\"v\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("g 1.5\n"));
  EXPECT_THAT(text, HasSubstr("h_seconds_bucket{le=\"0.1\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("h_seconds_bucket{le=\"1\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("h_seconds_count 1\n"));
}

TEST(Metrics, EscapeWhatLabelsHold) {
  metrics all;
  all.make_counter("c_total", "", {{"k", "a\"b\\c\nd"}}).add();
  EXPECT_THAT(all.text(), HasSubstr(R"(c_total{k="a\"b\\c\nd"} 1)"));
}

TEST(Metrics, ThatWereNeverMadeIgnoreUpdates) {
  metrics::counter counter;
  counter.add();
  EXPECT_EQ(counter.value(), 0);
  metrics::gauge gauge;
  gauge.set(3);
  metrics::histogram histogram;
  histogram.observe(1);
}

TEST(Metrics, CountFromManyThreads) {
  metrics all;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&all] {
      for (int n = 0; n < 1000; ++n) all.make_counter("c_total", "").add();
    });
  for (int n = 0; n < 10; ++n) (void)all.text();
  for (auto& each : threads) each.join();
  EXPECT_EQ(all.make_counter("c_total", "").value(), 4000);
}

}  // namespace
}  // namespace us
