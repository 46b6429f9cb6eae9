#include "runtime/config/config.hpp"

#include <gtest/gtest.h>

namespace {

using std::chrono::milliseconds;

us::config_language desk_language() {
  us::config_language language;
  language.singletons = {"tickets"};
  return language;
}

std::string with(unsigned nodes, const std::string& table) {
  std::string text = "[cluster]\nname = \"desk\"\n" + table;
  for (unsigned i = 0; i < nodes; ++i)
    text += "[[node]]\nname = \"n" + std::to_string(i) +
            "\"\naddress = \"127.0.0.1:" + std::to_string(7000 + i) + "\"\ndata = \"data/" +
            std::to_string(i) + "\"\n";
  return text;
}

std::string error_of(const std::string& text, const us::config_language& language) {
  const auto read = us::parse_config(text, "desk.toml", language);
  return read ? "no error" : read.error().text;
}

TEST(SingletonConfig, HasDefaultsWithoutATable) {
  auto three = us::parse_config(with(3, ""), "desk.toml", desk_language());
  ASSERT_TRUE(three);
  const auto* how = three->find_singleton("tickets");
  ASSERT_NE(how, nullptr);
  EXPECT_TRUE(how->lease);
  EXPECT_EQ(how->heartbeat, milliseconds{100});
  EXPECT_EQ(how->lease_length, milliseconds{1000});
  auto two = us::parse_config(with(2, ""), "desk.toml", desk_language());
  ASSERT_TRUE(two);
  EXPECT_FALSE(two->find_singleton("tickets")->lease);
}

TEST(SingletonConfig, ReadsEveryKey) {
  auto read = us::parse_config(
      with(3,
           "[singleton.tickets]\nsafety = \"heartbeat\"\nheartbeat_ms = 50\nmissed = 5\n"
           "lease_ms = 400\ndrift_ppm = 20\ndrain_ms = 70\nrequests_max = 9\n"),
      "desk.toml", desk_language());
  ASSERT_TRUE(read) << read.error().text;
  const auto& how = *read->find_singleton("tickets");
  EXPECT_FALSE(how.lease);
  EXPECT_EQ(how.heartbeat, milliseconds{50});
  EXPECT_EQ(how.missed_max, 5u);
  EXPECT_EQ(how.lease_length, milliseconds{400});
  EXPECT_EQ(how.drift_ppm, 20);
  EXPECT_EQ(how.drain, milliseconds{70});
  EXPECT_EQ(how.requests_max, 9u);
}

TEST(SingletonConfig, AMistakeNamesFileLineAndKey) {
  EXPECT_EQ(error_of(with(3, "[singleton.desk]\n"), desk_language()),
            "desk.toml:3: singleton.desk: this program has no such singleton; it has tickets");
  EXPECT_EQ(error_of(with(3, "[singleton.desk]\n"), {}),
            "desk.toml:3: singleton.desk: this program has no singletons");
  EXPECT_EQ(
      error_of(with(2, "[singleton.tickets]\nsafety = \"lease\"\n"), desk_language()),
      "desk.toml:4: singleton.tickets.safety: \"lease\" needs three nodes, so that a majority "
      "is left when one fails");
  EXPECT_EQ(
      error_of(with(3, "[singleton.tickets]\nheartbeat_ms = 100\nlease_ms = 200\n"),
               desk_language()),
      "desk.toml:5: singleton.tickets.lease_ms: must be at least three times heartbeat_ms, so "
      "that two renewals may fail");
}

}  // namespace
