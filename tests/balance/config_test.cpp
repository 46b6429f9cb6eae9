// balance's tables: what they mean, and what is refused with which line.
#include "apps/balance/balance_config.hpp"

#include <gtest/gtest.h>

namespace balance {
namespace {

const std::string nodes = R"([cluster]
name = "edge"
[[node]]
name = "a"
address = "127.0.0.1:7101"
data = "data/a"
dns = "192.0.2.53:53"
)";

struct outcome {
  config made;
  std::string error;
};

outcome read(const std::string& more, const std::string& begin = nodes) {
  outcome read;
  us::config_language language;
  language.edge_keys = language.open_edge_keys = {"dns"};
  language.tables = table_names();
  language.read_tables = [&](const us::toml_reader& file, const us::cluster_config& cluster) {
    read.made = read_config(file, cluster);
  };
  auto parsed = us::parse_config(begin + more, "balance.toml", language);
  if (!parsed) read.error = parsed.error().text;
  return read;
}

const std::string zone = "[zone]\nname = \"example.test\"\n";
const std::string web1 =
    "[[backend]]\nname = \"web1\"\nserves = \"www\"\naddress = \"10.0.0.1:80\"\n";

TEST(BalanceConfig, ReadsZoneBackendsAndChecks) {
  const auto got =
      read(zone + "ttl_s = 2\nall_down = \"servfail\"\n" +
           "[check]\ntype = \"http\"\npath = \"/up\"\ninterval_ms = 100\ntimeout_ms = 50\n" + web1 +
           "weight = 3\nsrv = \"_http._tcp\"\n"
           "[[backend]]\nname = \"web2\"\nserves = \"www\"\naddress = \"[fd00::2]:81\"\n"
           "check = { type = \"command\", command = [\"/bin/true\", \"x\"], fall = 1 }\n");
  ASSERT_EQ(got.error, "");
  const auto& z = got.made.zone;
  EXPECT_EQ(z.name, "example.test");
  EXPECT_EQ(z.ttl_s, 2u);
  EXPECT_EQ(z.all_down, us::dns::all_down::servfail);
  ASSERT_EQ(z.name_servers.size(), 1u);
  EXPECT_EQ(z.name_servers[0].name, "ns-a");
  EXPECT_EQ(z.name_servers[0].address, "192.0.2.53");
  ASSERT_EQ(z.backends.size(), 2u);
  EXPECT_EQ(z.backends[0].weight, 3);
  EXPECT_EQ(z.backends[1].address, "fd00::2");
  const auto& first = got.made.checks[0].check;
  EXPECT_EQ(first.probe.kind, us::probe_kind::http);
  EXPECT_EQ(first.probe.path, "/up");
  EXPECT_EQ(first.probe.where.port, 80);
  EXPECT_EQ(first.timeout.count(), 50);
  const auto& second = got.made.checks[1].check;
  EXPECT_EQ(second.probe.kind, us::probe_kind::command);
  EXPECT_EQ(second.probe.command.size(), 2u);
  EXPECT_EQ(second.fall, 1u);
  EXPECT_EQ(second.interval.count(), 100);
}

struct mistake {
  std::string text;
  std::string says;  ///< the beginning of the line, without the file
};

TEST(BalanceConfig, NamesLineAndKeyOfAMistake) {
  const std::vector<mistake> mistakes{
      {web1, "1: zone: missing"},
      {zone, "1: backend: missing"},
      {zone + "tll_s = 1\n" + web1, "10: zone.tll_s: unknown key; did you mean ttl_s?"},
      {zone + "ttl_s = \"1\"\n" + web1, "10: zone.ttl_s: must be an integer, is a string"},
      {zone + "all_down = \"close\"\n" + web1,
       "10: zone.all_down: \"close\" is not open or servfail"},
      {"[zone]\nname = \"*.test\"\n" + web1, "9: zone.name: \"*.test\" is no name"},
      {zone + web1 + "wieght = 1\n", "14: backend.wieght: unknown key; did you mean weight?"},
      {zone + web1 + "weight = 0\n", "14: backend.weight: must be from 1 to 65535, is 0"},
      {zone + web1 + web1, "15: backend.name: \"web1\" is taken"},
      {zone + "[[backend]]\nname = \"w\"\naddress = \"host.test:80\"\n",
       "12: backend.address: \"host.test\" must be an IP"},
      {zone + "[[backend]]\nname = \"w\"\nserves = \"w\"\naddress = \"10.0.0.1:80\"\n",
       "11: backend.name: \"w\" is the name of a backend and"},
      {zone + "[[backend]]\nname = \"w.x\"\naddress = \"10.0.0.1:80\"\n",
       "11: backend.name: \"w.x\" must be one label"},
      {zone + web1 + "check = { fall = 0 }\n", "14: backend.check.fall: must be from 1"},
      {zone + web1 + "check = { interval_ms = 10, timeout_ms = 20 }\n",
       "14: backend.check.timeout_ms: must be at most interval_ms (10), is 20"},
      {zone + web1 + "check = { path = \"/\" }\n",
       "14: backend.check.path: is for type = \"http\"; this check is \"tcp\""},
      {zone + web1 + "check = { type = \"http\", path = \"/a b\" }\n",
       "14: backend.check.path: must be printable"},
      {zone + web1 + "check = { type = \"command\" }\n",
       "14: backend.check.command: must be the absolute path"},
      {zone + web1 + "check = { type = \"command\", command = \"/bin/true\" }\n",
       "14: backend.check.command: must be an array of strings, is a string"},
      {zone + "ns = { b = \"10.0.0.1\" }\n" + web1, "10: zone.ns.b: unknown key"},
      {zone + web1 + "[limits]\nrate = 1\n", "15: limits.rate: unknown key"},
  };
  for (const auto& each : mistakes) {
    const auto got = read(each.text);
    EXPECT_TRUE(got.error.starts_with("balance.toml:" + each.says))
        << got.error << "\nwanted: " << each.says;
    EXPECT_EQ(got.error.find('\n'), std::string::npos) << got.error;
  }
}

TEST(BalanceConfig, WantsToKnowWhereClientsReachAWildcard) {
  auto begin = nodes;
  begin.replace(begin.find("192.0.2.53"), 10, "0.0.0.0");
  EXPECT_TRUE(read(zone + web1, begin)
                  .error.starts_with("balance.toml:8: zone.ns: node a listens at 0.0.0.0"));
  EXPECT_EQ(read(zone + "ns = { a = \"192.0.2.1\" }\n" + web1, begin).error, "");
}

}  // namespace
}  // namespace balance
