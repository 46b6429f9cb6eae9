// COMMAND: which commands there are.
#include "apps/kv/call.hpp"
#include "apps/kv/edge_call.hpp"

#include <vector>

namespace kv {

namespace {

using kv::command;

void write_flags(const command& what, resp_writer& writer) {
  constexpr std::pair<unsigned, std::string_view> names[] = {{command::readonly, "readonly"},
                                                             {command::write, "write"},
                                                             {command::denyoom, "denyoom"},
                                                             {command::fast, "fast"}};
  std::size_t count = 0;
  for (auto [flag, name] : names) count += (what.flags & flag) != 0;
  writer.set(count);
  for (auto [flag, name] : names)
    if ((what.flags & flag) != 0) writer.simple(name);
}

// As COMMAND INFO has it; categories, tips, key specifications and subcommands are left empty.
void write_info(const command& what, resp_writer& writer) {
  writer.array(10);
  writer.bulk(what.name);
  writer.integer(what.arity);
  write_flags(what, writer);
  writer.integer(what.first_key);
  writer.integer(what.last_key);
  writer.integer(what.key_step);
  writer.set(0);
  for (int i = 0; i < 3; ++i) writer.array(0);
}

void write_all(edge_call& c) {
  c.writer.array(commands().size());
  for (const auto& each : commands()) write_info(each, c.writer);
}

// So that a short request cannot ask for a reply without bound.
bool too_many(edge_call& c) {
  constexpr std::size_t names_max = 1024;
  if (c.arguments.size() - 2 <= names_max) return false;
  c.writer.error("ERR more than 1024 command names");
  return true;
}

void command_info(edge_call& c) {
  if (c.arguments.size() == 2) return write_all(c);
  if (too_many(c)) return;
  c.writer.array(c.arguments.size() - 2);
  for (auto name : c.arguments.subspan(2)) {
    const auto* what = find_command(name);
    if (what != nullptr)
      write_info(*what, c.writer);
    else
      c.writer.nil();
  }
}

void write_docs(const command& what, resp_writer& writer) {
  const bool about_keys = what.first_key != 0 || what.run != nullptr;
  writer.bulk(what.name);
  writer.map(3);
  writer.bulk("summary");
  writer.bulk(what.summary);
  writer.bulk("since");
  writer.bulk(what.since);
  writer.bulk("group");
  writer.bulk(about_keys ? "generic" : "connection");
}

void command_docs(edge_call& c) {
  if (too_many(c)) return;
  std::vector<const command*> shown;
  if (c.arguments.size() == 2)
    for (const auto& each : commands()) shown.push_back(&each);
  for (auto name : c.arguments.subspan(2))
    if (const auto* what = find_command(name)) shown.push_back(what);
  c.writer.map(shown.size());
  for (const auto* each : shown) write_docs(*each, c.writer);
}

void command_list(edge_call& c) {
  if (c.arguments.size() > 2) return c.writer.error(text::syntax);
  c.writer.array(commands().size());
  for (const auto& each : commands()) c.writer.bulk(each.name);
}

void command_getkeys(edge_call& c) {
  const auto given = c.arguments.subspan(2);
  const auto* what = find_command(given[0]);
  if (what == nullptr) return c.writer.error("ERR Invalid command specified");
  if (what->first_key == 0) return c.writer.error("ERR The command has no key arguments");
  if (!what->takes(given.size()))
    return c.writer.error("ERR Invalid number of arguments specified for command");
  const auto count = static_cast<int>(given.size());
  const int last = what->last_key < 0 ? count + what->last_key : what->last_key;
  c.writer.array(static_cast<std::size_t>((last - what->first_key) / what->key_step + 1));
  for (int i = what->first_key; i <= last; i += what->key_step)
    c.writer.bulk(given[static_cast<std::size_t>(i)]);
}

constexpr std::string_view help_lines[] = {
    "COMMAND <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
    "(no subcommand)",
    "    Details of all commands.",
    "COUNT",
    "    How many commands there are.",
    "LIST",
    "    The names of all commands.",
    "INFO [<command-name> ...]",
    "    Details of these commands, or of all.",
    "DOCS [<command-name> ...]",
    "    What these commands do, or all.",
    "GETKEYS <full-command>",
    "    The keys among a command's arguments.",
    "HELP",
    "    Prints this help.",
};

void command_help(edge_call& c) {
  c.writer.array(std::size(help_lines));
  for (auto line : help_lines) c.writer.simple(line);
}

constexpr subcommand command_commands[] = {
    {"COUNT", 2,
     [](edge_call& c) { c.writer.integer(static_cast<std::int64_t>(commands().size())); }},
    {"INFO", -2, command_info},
    {"DOCS", -2, command_docs},
    {"LIST", -2, command_list},
    {"GETKEYS", -4, command_getkeys},
    {"HELP", 2, command_help},
};

}  // namespace

void edge::command(edge_call& c) {
  if (c.arguments.size() == 1) return write_all(c);
  run_subcommand(c, "COMMAND", command_commands);
}

}  // namespace kv
