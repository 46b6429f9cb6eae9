// guard: keeps a virtual IP address on a living server of any kind.
#include "actors/app/admin_api.hpp"
#include "apps/guard/commands.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <map>

namespace {

struct choices {
  std::string config = "guard.toml";
  std::string node;
  std::string log_format = "text";
  std::string log_level = "info";
  std::string maintenance;
  bool json = false;
};

CLI::App* add_command(CLI::App& line, choices& chosen, const char* name, const char* text) {
  auto* command = line.add_subcommand(name, text);
  command->add_option("-c,--config", chosen.config, "The guards' configuration file")
      ->capture_default_str();
  return command;
}

void add_commands(CLI::App& line, choices& chosen) {
  auto* run = add_command(line, chosen, "run", "Run one node's guard");
  run->add_option("-n,--node", chosen.node, "Which node of the file this is")->required();
  run->add_option("--log-format", chosen.log_format, "text, or json: one object a line")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  run->add_option("--log-level", chosen.log_level, "debug, info, warning, error or event")
      ->check(CLI::IsMember({"debug", "info", "warning", "error", "event"}))
      ->capture_default_str();
  auto* status = add_command(line, chosen, "status", "Ask every node what it is");
  status->add_flag("--json", chosen.json, "As JSON");
  status->footer("Exit code 0 when a node is active, else 1.");
  add_command(line, chosen, "handover", "Have the active hand over to the best passive");
  add_command(line, chosen, "check", "Only read the configuration");
  auto* maintenance = add_command(line, chosen, "maintenance", "Keep a node aside, or no longer");
  maintenance->add_option("-n,--node", chosen.node, "Which node")->required();
  maintenance->add_option("STATE", chosen.maintenance, "on or off")
      ->required()
      ->check(CLI::IsMember({"on", "off"}));
}

int dispatch(const CLI::App& line, const choices& chosen) {
  const auto settings = guard::load(chosen.config);
  if (!settings) {
    std::fprintf(stderr, "%s\n", settings.error().text.c_str());
    return guard::exit_usage;
  }
  static const std::map<std::string, us::severity> levels{{"debug", us::severity::debug},
                                                          {"info", us::severity::info},
                                                          {"warning", us::severity::warning},
                                                          {"error", us::severity::error},
                                                          {"event", us::severity::event}};
  if (line.got_subcommand("run"))
    return guard::run(*settings, chosen.node,
                      {chosen.log_format == "json", levels.at(chosen.log_level), chosen.node});
  if (line.got_subcommand("status")) return guard::show_status(*settings, chosen.json);
  if (line.got_subcommand("handover")) return guard::hand_over(*settings);
  if (line.got_subcommand("maintenance"))
    return guard::ask(*settings, chosen.node, "/api/v1/maintenance/" + chosen.maintenance);
  return guard::exit_ok;
}

}  // namespace

int main(int argc, char** argv) {
  choices chosen;
  CLI::App line{"guard: keeps a virtual IP address on a living server; made with understudy " +
                std::string{us::version()}};
  line.name("guard");
  line.footer(
      "On each machine, with the same file:\n"
      "  guard run --config guard.toml --node a\n"
      "It needs CAP_NET_ADMIN and CAP_NET_RAW: run it as root or with these capabilities.\n"
      "Exit codes: 0 well, 1 failed at run time, 2 wrong usage or configuration.");
  line.set_version_flag("--version", std::string{us::version()});
  line.require_subcommand(1);
  add_commands(line, chosen);
  try {
    line.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return line.exit(e) == 0 ? guard::exit_ok : guard::exit_usage;
  }
  try {
    return dispatch(line, chosen);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "guard: %s\n", e.what());
    return guard::exit_failed;
  }
}
