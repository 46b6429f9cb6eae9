#include "apps/kv/edge_commands.hpp"

#include "apps/kv/call.hpp"
#include "apps/kv/edge_call.hpp"
#include "apps/kv/numbers.hpp"

#include <algorithm>
#include <limits>

namespace kv {

namespace {

void ping(edge_call& c) {
  if (c.arguments.size() > 2) return c.writer.error(wrong_arity_text("ping"));
  if (c.arguments.size() == 2) return c.writer.bulk(c.arguments[1]);
  c.writer.simple("PONG");
}

void echo(edge_call& c) {
  c.writer.bulk(c.arguments[1]);
}

// No password is set: any does for the default user, and there is no other.
void auth(edge_call& c) {
  if (c.arguments.size() > 3) return c.writer.error(text::syntax);
  if (c.arguments.size() == 2)
    return c.writer.error(
        "ERR AUTH <password> called without any password configured for the default user. Are you "
        "sure your configuration is correct?");
  if (c.arguments[1] != "default")
    return c.writer.error("WRONGPASS invalid username-password pair or user is disabled.");
  c.writer.ok();
}

void select(edge_call& c) {
  const auto number = parse_integer(c.arguments[1]);
  if (!number) return c.writer.error(text::not_integer);
  if (*number > std::numeric_limits<int>::max() || *number < std::numeric_limits<int>::min())
    return c.writer.error(
        "ERR value is out of range, value must between -2147483648 and 2147483647");
  if (*number != 0) return c.writer.error("ERR DB index is out of range");
  c.writer.ok();
}

void quit(edge_call& c) {
  c.writer.ok();
  c.then = after_reply::close;
}

void reset(edge_call& c) {
  c.who.name.clear();
  c.who.resp3 = false;
  c.who.acknowledge.reset();
  c.who.reads = {};
  c.writer.simple("RESET");
}

struct entry {
  std::string_view name;
  edge_function run;
};
constexpr entry functions[] = {
    {"ping", ping},           {"echo", echo},       {"hello", edge::hello},
    {"auth", auth},           {"select", select},   {"command", edge::command},
    {"client", edge::client}, {"info", edge::info}, {"config", edge::config},
    {"quit", quit},           {"reset", reset},
};

}  // namespace

after_reply answer_at_edge(const command& what, std::span<const std::string_view> arguments,
                           session& who, const edge_facts& facts, resp_writer& writer) {
  const auto* at = std::find_if(std::begin(functions), std::end(functions),
                                [&](const entry& each) { return each.name == what.name; });
  if (at == std::end(functions)) {
    writer.error(unknown_command_text(arguments));
    return after_reply::go_on;
  }
  edge_call c{arguments, who, facts, writer};
  at->run(c);
  return c.then;
}

void run_subcommand(edge_call& c, std::string_view parent, std::span<const subcommand> known) {
  const auto name = c.arguments[1];
  for (const auto& each : known) {
    if (!same_word(name, each.name)) continue;
    const auto count = static_cast<int>(c.arguments.size());
    if (each.arity >= 0 ? count == each.arity : count >= -each.arity) return each.run(c);
    std::string full = std::string{parent} + "|" + std::string{each.name};
    std::transform(full.begin(), full.end(), full.begin(), [](char letter) {
      return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    });
    return c.writer.error(wrong_arity_text(full));
  }
  const auto shown = name.substr(0, std::min<std::size_t>(name.find('\0'), 128));
  c.writer.error("ERR unknown subcommand '" + std::string{shown} + "'. Try " + std::string{parent} +
                 " HELP.");
}

}  // namespace kv
