#include "apps/balance/balance_config.hpp"

#include "runtime/config/check_reader.hpp"
#include "runtime/config/toml_reader.hpp"

#include <arpa/inet.h>
#include <map>
#include <set>

namespace balance {

namespace {

constexpr std::int64_t day_s = 86'400;
constexpr std::size_t backends_max = 1000;

bool is_address(const std::string& text) {
  in6_addr parsed{};
  return inet_pton(AF_INET, text.c_str(), &parsed) == 1 ||
         inet_pton(AF_INET6, text.c_str(), &parsed) == 1;
}

std::string read_name(const us::toml_reader& from, const char* key, const std::string& name) {
  if (name != us::dns::apex && !us::dns::valid_name(name))
    from.fail(key,
              "\"" + name +
                  "\" is no name in a zone: labels of a-z, 0-9, - and _ with dots between them");
  return name;
}

std::uint32_t read_seconds(const us::toml_reader& from, const char* key, std::uint32_t otherwise) {
  return static_cast<std::uint32_t>(from.integer_or(key, 0, day_s, otherwise));
}

void read_zone(const us::toml_reader& file, us::dns::zone& into) {
  auto from = file.table("zone");
  if (!from) file.fail("zone", "missing; add a table [zone] with the name of the zone");
  from->allow({"name", "ttl_s", "negative_ttl_s", "static_ttl_s", "all_down", "answers_max", "ns"});
  into.name = from->text("name");
  if (!us::dns::valid_name(into.name))
    from->fail("name", "\"" + into.name + "\" is no name of a zone, such as \"example.test\"");
  into.ttl_s = read_seconds(*from, "ttl_s", into.ttl_s);
  into.negative_ttl_s = read_seconds(*from, "negative_ttl_s", into.negative_ttl_s);
  into.static_ttl_s = read_seconds(*from, "static_ttl_s", into.static_ttl_s);
  into.all_down = from->choice_or("all_down", {"open", "servfail"}, "open") == "open"
                      ? us::dns::all_down::answer_all
                      : us::dns::all_down::servfail;
  into.answers_max = static_cast<std::size_t>(from->integer_or(
      "answers_max", 1, backends_max, static_cast<std::int64_t>(into.answers_max)));
}

// Where strangers reach a node's responder: what [zone.ns] says, else where it listens.
void read_name_servers(const us::toml_reader& file, const us::cluster_config& cluster,
                       us::dns::zone& into) {
  const auto zone = *file.table("zone");
  const auto given = zone.table("ns");
  std::vector<std::string> known;
  for (const auto& node : cluster.nodes)
    if (node.edges.contains("dns")) known.push_back(node.name);
  if (known.empty()) file.fail("node", "no node has a key dns: nobody would answer");
  if (given) given->allow(known);
  for (const auto& name : known) {
    auto address = cluster.find_node(name)->edges.at("dns").host;
    if (given) address = given->text_or(name, address);
    if (address == "localhost") address = "127.0.0.1";
    if (address == "0.0.0.0" || address == "::" || !is_address(address))
      zone.fail("ns", "node " + name + " listens at " + address +
                          "; say where clients reach it: ns = { " + name + " = \"192.0.2.1\" }");
    into.name_servers.push_back({"ns-" + name, address});
  }
}

/// No two of anything that is one.
class backend_checks {
 public:
  explicit backend_checks(const us::dns::zone& zone) {
    for (const auto& server : zone.name_servers) hosts_.insert(server.name);
  }
  void add(const us::toml_reader& from, const us::dns::backend& b) {
    if (!hosts_.insert(b.name).second)
      from.fail("name", "\"" + b.name + "\" is taken by another backend or name server");
    services_.insert(b.serves);
    for (const auto& service : services_)
      if (hosts_.contains(service))
        from.fail("name", "\"" + service +
                              "\" is the name of a backend and of what is served; choose another "
                              "for one of them");
    auto place = b.serves + " at " + b.address + " port " + std::to_string(b.port);
    if (!places_.insert(place).second) from.fail("address", "another backend serves " + place);
  }

 private:
  std::set<std::string> hosts_;
  std::set<std::string> services_;
  std::set<std::string> places_;
};

us::dns::backend read_backend(const us::toml_reader& from, const us::dns::zone& zone) {
  from.allow({"name", "serves", "srv", "address", "weight", "check"});
  us::dns::backend b;
  b.name = read_name(from, "name", from.text("name"));
  if (b.name == us::dns::apex || b.name.find('.') != std::string::npos || b.name.size() > 63)
    from.fail("name", "\"" + b.name + "\" must be one label");
  b.serves = read_name(from, "serves", from.text_or("serves", b.serves));
  if (from.has("srv")) b.srv = read_name(from, "srv", from.text("srv"));
  if (!b.srv.empty() && !b.srv.starts_with('_'))
    from.fail("srv", "\"" + b.srv + "\" must be like \"_http._tcp\"");
  for (const auto& name :
       {us::dns::absolute(zone, b.name), b.srv + "." + us::dns::absolute(zone, b.serves)})
    if (name.size() > 253) from.fail("name", "\"" + name + "\" is longer than a name may be (253)");
  auto where = us::parse_endpoint(from.text("address"));
  if (!where) from.fail("address", where.error().text);
  if (!is_address(where->host))
    from.fail("address",
              "\"" + where->host + "\" must be an IP address: it is what clients are answered");
  b.address = where->host;
  b.port = where->port;
  b.weight = static_cast<std::uint16_t>(from.integer_or("weight", 1, 65535, 1));
  return b;
}

us::check_config with_target(us::check_config check, const us::dns::backend& b) {
  check.probe.where = {b.address, b.port};
  return check;
}

void read_backends(const us::toml_reader& file, config& into) {
  us::check_config otherwise;
  if (auto from = file.table("check")) otherwise = us::read_check(*from, otherwise);
  backend_checks checks{into.zone};
  for (const auto& from : file.elements_of("backend")) {
    auto b = read_backend(from, into.zone);
    checks.add(from, b);
    auto check = with_target(otherwise, b);
    if (auto own = from.table("check")) check = us::read_check(*own, check);
    into.checks.push_back({b.name, check});
    into.zone.backends.push_back(std::move(b));
    if (into.checks.size() > backends_max)
      from.fail("name", "more than " + std::to_string(backends_max) + " backends");
  }
  if (into.checks.empty()) file.fail("backend", "missing; add a table [[backend]] for each server");
}

}  // namespace

std::vector<std::string> table_names() {
  return {"zone", "check", "backend", "limits"};
}

config read_config(const us::toml_reader& file, const us::cluster_config& cluster) {
  config made;
  read_zone(file, made.zone);
  read_name_servers(file, cluster, made.zone);
  read_backends(file, made);
  if (auto limits = file.table("limits")) {
    limits->allow({"responses_per_second", "tcp_connections_max"});
    made.responses_per_second = static_cast<std::uint32_t>(
        limits->integer_or("responses_per_second", 0, 1'000'000'000, made.responses_per_second));
    made.tcp_connections_max = static_cast<std::size_t>(limits->integer_or(
        "tcp_connections_max", 1, 10'000, static_cast<std::int64_t>(made.tcp_connections_max)));
  }
  return made;
}

}  // namespace balance
