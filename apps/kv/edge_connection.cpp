// HELLO and CLIENT: what a connection agrees on and tells about itself.
#include "apps/kv/call.hpp"
#include "apps/kv/edge_call.hpp"
#include "apps/kv/numbers.hpp"

#include <algorithm>

namespace kv {

bool set_client_name(edge_call& c, std::string_view name) {
  const bool plain =
      std::all_of(name.begin(), name.end(), [](char x) { return x >= '!' && x <= '~'; });
  if (!plain) {
    c.writer.error("ERR Client names cannot contain spaces, newlines or special characters.");
    return false;
  }
  c.who.name = name;
  return true;
}

namespace {

// HELLO's options, from the third argument. False: answered with an error.
bool take_hello_options(edge_call& c) {
  for (std::size_t i = 2; i < c.arguments.size(); ++i) {
    const auto option = c.arguments[i];
    const auto left = c.arguments.size() - i - 1;
    if (same_word(option, "AUTH") && left >= 2) {
      if (c.arguments[i + 1] != "default") {
        c.writer.error("WRONGPASS invalid username-password pair or user is disabled.");
        return false;
      }
      i += 2;
    } else if (same_word(option, "SETNAME") && left >= 1) {
      if (!set_client_name(c, c.arguments[++i])) return false;
    } else {
      c.writer.error("ERR Syntax error in HELLO option '" +
                     std::string{option.substr(0, option.find('\0'))} + "'");
      return false;
    }
  }
  return true;
}

void describe_server(edge_call& c) {
  resp_writer writer{c.writer.out(), c.who.resp3};
  writer.map(7);
  const std::pair<std::string_view, std::string_view> texts[] = {{"server", "redis"},
                                                                 {"version", "7.0.15"}};
  for (auto [name, value] : texts) {
    writer.bulk(name);
    writer.bulk(value);
  }
  writer.bulk("proto");
  writer.integer(c.who.resp3 ? 3 : 2);
  writer.bulk("id");
  writer.integer(static_cast<std::int64_t>(c.who.id));
  writer.bulk("mode");
  writer.bulk("standalone");
  writer.bulk("role");
  writer.bulk("master");
  writer.bulk("modules");
  writer.array(0);
}

std::string_view mode_of(const session& who) {
  return who.acknowledge ? us::name_of(*who.acknowledge) : "service";
}

std::string describe(const session& who, const edge_facts& facts) {
  const auto age = std::max<std::int64_t>(0, (facts.wall_ms() - who.since_ms) / 1000);
  return "id=" + std::to_string(who.id) + " addr=" + who.peer + " laddr=" + facts.local +
         " name=" + who.name + " age=" + std::to_string(age) +
         " flags=N db=0 user=default resp=" + (who.resp3 ? "3" : "2") + " lib-name=" + who.library +
         " lib-ver=" + who.library_version + " acknowledge=" + std::string{mode_of(who)} +
         " reads=" + us::to_string(who.reads) + "\n";
}

void client_list(edge_call& c) {
  if (c.arguments.size() > 2) return c.writer.error(text::syntax);
  std::string all;
  if (c.facts.each_session)
    c.facts.each_session([&](const session& who) { all += describe(who, c.facts); });
  c.writer.verbatim(all);
}

void client_getname(edge_call& c) {
  if (c.who.name.empty()) return c.writer.nil();
  c.writer.bulk(c.who.name);
}

void client_setinfo(edge_call& c) {
  const auto value = c.arguments[3];
  const bool plain =
      std::all_of(value.begin(), value.end(), [](char x) { return x >= '!' && x <= '~'; });
  const bool name = same_word(c.arguments[2], "LIB-NAME");
  if (!name && !same_word(c.arguments[2], "LIB-VER"))
    return c.writer.error("ERR Unrecognized option '" + std::string{c.arguments[2]} + "'");
  if (!plain)
    return c.writer.error("ERR " + std::string{name ? "lib-name" : "lib-ver"} +
                          " cannot contain spaces, newlines or special characters.");
  (name ? c.who.library : c.who.library_version) = value;
  c.writer.ok();
}

void client_acknowledge(edge_call& c) {
  if (c.arguments.size() == 2) return c.writer.bulk(mode_of(c.who));
  if (c.arguments.size() > 3) return c.writer.error(text::syntax);
  using mode = us::acknowledgement;
  constexpr std::pair<std::string_view, std::optional<mode>> modes[] = {{"SERVICE", std::nullopt},
                                                                        {"ASYNC", mode::async},
                                                                        {"QUORUM", mode::quorum},
                                                                        {"ALL", mode::all}};
  for (const auto& [name, what] : modes)
    if (same_word(c.arguments[2], name)) {
      c.who.acknowledge = what;
      return c.writer.ok();
    }
  c.writer.error(text::syntax);
}

void client_reads(edge_call& c) {
  if (c.arguments.size() == 2) return c.writer.bulk(us::to_string(c.who.reads));
  if (c.arguments.size() > 3) return c.writer.error(text::syntax);
  std::string wanted{c.arguments[2]};
  std::transform(wanted.begin(), wanted.end(), wanted.begin(), [](char x) {
    return x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x;
  });
  const auto policy = us::read_policy_of(wanted);
  if (!policy)
    return c.writer.error(
        "ERR CLIENT READS takes LINEARIZABLE, LOCAL, or how old an answer may be, "
        "as 50ms or 2s");
  c.who.reads = *policy;
  c.writer.ok();
}

void client_no_evict(edge_call& c) {
  if (!same_word(c.arguments[2], "ON") && !same_word(c.arguments[2], "OFF"))
    return c.writer.error(text::syntax);
  c.writer.ok();  // nothing is ever evicted
}

constexpr std::string_view client_help_lines[] = {
    "CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
    "ACKNOWLEDGE [SERVICE|ASYNC|QUORUM|ALL]",
    "    When commands of this connection are answered, from the next one on: as the service is",
    "    configured, from the leader's disk, a majority's disks, or those of every follower in "
    "sync.",
    "GETNAME",
    "    The name of this connection.",
    "ID",
    "    The number of this connection.",
    "INFO",
    "    A line about this connection.",
    "LIST",
    "    A line about each connection of this node.",
    "READS [LINEARIZABLE|LOCAL|<age>]",
    "    Who answers commands of this connection that only read: the leader, this node however old",
    "    its data are, or this node if they are known not to be older than that (50ms, 2s).",
    "NO-EVICT (ON|OFF)",
    "    Accepted: no connection is evicted.",
    "SETINFO (LIB-NAME|LIB-VER) <value>",
    "    Names the client library.",
    "SETNAME <name>",
    "    Names this connection.",
    "HELP",
    "    Prints this help.",
};

void client_help(edge_call& c) {
  c.writer.array(std::size(client_help_lines));
  for (auto line : client_help_lines) c.writer.simple(line);
}

constexpr subcommand client_commands[] = {
    {"SETNAME", 3,
     [](edge_call& c) {
       if (set_client_name(c, c.arguments[2])) c.writer.ok();
     }},
    {"ACKNOWLEDGE", -2, client_acknowledge},
    {"READS", -2, client_reads},
    {"GETNAME", 2, client_getname},
    {"ID", 2, [](edge_call& c) { c.writer.integer(static_cast<std::int64_t>(c.who.id)); }},
    {"INFO", 2, [](edge_call& c) { c.writer.verbatim(describe(c.who, c.facts)); }},
    {"LIST", -2, client_list},
    {"SETINFO", 4, client_setinfo},
    {"NO-EVICT", 3, client_no_evict},
    {"HELP", 2, client_help},
};

}  // namespace

void edge::hello(edge_call& c) {
  if (c.arguments.size() > 1) {
    const auto version = parse_integer(c.arguments[1]);
    if (!version) return c.writer.error("ERR Protocol version is not an integer or out of range");
    if (*version != 2 && *version != 3)
      return c.writer.error("NOPROTO unsupported protocol version");
    if (!take_hello_options(c)) return;
    c.who.resp3 = *version == 3;
  }
  describe_server(c);
}

void edge::client(edge_call& c) {
  run_subcommand(c, "CLIENT", client_commands);
}

}  // namespace kv
