#include "actors/app/admin_api.hpp"
#include "actors/app/commands.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <utility>

namespace us {

namespace {

/// What the command line said.
struct choices {
  std::string config;
  std::string log_format = "text";
  std::string log_level;
  run_choice run;
  status_choice status;
  losses_choice losses;
  members_choice members;
  lead_choice lead;
  call_choice call;
  std::vector<std::string> call_words;
};

const std::map<std::string, severity> levels{{"debug", severity::debug},
                                             {"info", severity::info},
                                             {"warning", severity::warning},
                                             {"error", severity::error},
                                             {"event", severity::event}};

config_language language_of(const app& application) {
  config_language language;
  for (const auto& service : application.services) {
    language.services.push_back(service.name());
    if (const auto* request = service.without_place())
      language.undivided[service.name()] = request->request.getShortDisplayName().cStr();
  }
  for (const auto& edge : application.edges) {
    language.edge_keys.push_back(edge.key);
    if (edge.open) language.open_edge_keys.push_back(edge.key);
  }
  for (const auto& singleton : application.singletons)
    language.singletons.push_back(singleton.name);
  language.tables = application.config_tables;
  language.read_tables = application.read_config;
  return language;
}

CLI::App* add_command(CLI::App& line, choices& chosen, const char* name, const char* text) {
  auto* command = line.add_subcommand(name, text);
  command->add_option("-c,--config", chosen.config, "The cluster's configuration file")
      ->envname("UNDERSTUDY_CONFIG")
      ->capture_default_str();
  return command;
}

void add_log_options(CLI::App* command, choices& chosen, const char* least) {
  command->add_option("--log-format", chosen.log_format, "text, or json: one object a line")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command
      ->add_option("--log-level", chosen.log_level,
                   "What to log: debug, info, warning, error; or event: only the cluster's events")
      ->check(CLI::IsMember({"debug", "info", "warning", "error", "event"}))
      ->default_str(least);
}

log_choice log_of(const choices& chosen, severity otherwise) {
  auto at = levels.find(chosen.log_level);
  return {chosen.log_format == "json", at == levels.end() ? otherwise : at->second};
}

// "TYPE JSON" or "SERVICE TYPE JSON".
void split_call(choices& chosen) {
  auto& words = chosen.call_words;
  if (words.size() == 3) {
    chosen.call.service = words.front();
    words.erase(words.begin());
  }
  chosen.call.type = words[0];
  chosen.call.json = words[1];
}

std::string call_examples(const app& application) {
  std::string text = "Requests of this program:\n";
  for (const auto& service : described(application))
    for (const auto& request : service.requests())
      text += "  " + service.name() + " " + request.request.getShortDisplayName().cStr() + "\n";
  return text;
}

std::string introduction(const app& application) {
  const auto& name = application.name;
  return "Start here:\n"
         "  " +
         name + " cluster --config " + name +
         ".toml      a process per node, on this machine\n"
         "  " +
         name + " status --config " + name +
         ".toml       who leads, who is behind\n"
         "On several machines, with the same file on each:\n"
         "  " +
         name + " run --config " + name +
         ".toml --node a\n"
         "Without --config the file is " +
         name +
         ".toml in the working directory, or what\n"
         "UNDERSTUDY_CONFIG names. '" +
         name +
         " COMMAND --help' tells more.\n"
         "Exit codes: 0 well, 1 failed at run time, 2 wrong usage or configuration.";
}

void add_losses_command(CLI::App& line, choices& chosen) {
  auto& losses = chosen.losses;
  auto* command = add_command(line, chosen, "losses",
                              "List what was lost, by the loss journals of data directories");
  command->add_option("--data", losses.data, "A node's data directory")->required();
  command->add_flag("--json", losses.json, "As JSON, with the requests");
  auto* replay = command->add_flag("--replay", losses.replay,
                                   "Submit what is acknowledged and lost to the cluster again");
  command
      ->add_flag("--copies", losses.copies,
                 "Replay also what another node executed, whose own journal is gone")
      ->needs(replay);
  command
      ->add_flag("--uncertain", losses.uncertain,
                 "Replay also what may have been executed again meanwhile")
      ->needs(replay);
  command->footer(
      "A replayed request is executed on the records as they are now.\n"
      "Exit code 0, or 1 when something could not be replayed.");
}

void add_members_command(CLI::App& line, choices& chosen) {
  auto& members = chosen.members;
  auto* command = add_command(line, chosen, "members",
                              "List, add, promote or remove members of a replicated service");
  command->add_option("ACTION", members.action, "list, add, promote or remove")
      ->check(CLI::IsMember({"list", "add", "promote", "remove"}))
      ->capture_default_str();
  command->add_option("-n,--node", members.node, "Whom to add, promote or remove");
  command->add_option("--address", members.address,
                      "Where the others reach the node that is added, HOST:PORT (default: as the "
                      "configuration file says)");
  command->add_flag("--witness", members.witness,
                    "Add it as one that is to vote and to keep no records");
  command->add_option("--service", members.service, "Default: the only replicated one");
  command->add_option("--partition", members.partition, "Only of this one (default: all)");
  command->footer(
      "A node is added as learner: it gets everything and counts for nothing. Promote it once it\n"
      "has caught up. To replace a machine: add the new one, promote it, remove the old one.\n"
      "Every change may be asked for again. Exit code 0 once it is committed, else 1.");
}

void add_commands(CLI::App& line, choices& chosen, const app& application) {
  auto* run = add_command(line, chosen, "run", "Run nodes in this process");
  run->add_option("-n,--node", chosen.run.node, "Only this node (default: every node of the file)");
  run->add_option("--ready-fd", chosen.run.ready_fd)->group("");
  add_log_options(run, chosen, "info");

  auto* cluster = add_command(line, chosen, "cluster",
                              "Run a process per node on this machine; restart those that die");
  add_log_options(cluster, chosen, "warning");

  auto* status = add_command(line, chosen, "status", "Ask every node what it does");
  status->add_flag("--json", chosen.status.json, "As JSON");
  status->add_flag("--partitions", chosen.status.partitions, "A line for each partition");
  status->footer("Exit code 0 when every service has a leader, else 1.");

  add_losses_command(line, chosen);
  add_members_command(line, chosen);

  auto* lead =
      add_command(line, chosen, "lead", "Have another node lead, without an election timeout");
  lead->add_option("-n,--node", chosen.lead.node, "The node that is to lead")->required();
  lead->add_option("-s,--service", chosen.lead.service, "Of this service (default: the only one)");
  lead->add_option("--partition", chosen.lead.partition, "Only this one (default: all)");
  lead->footer(
      "The leader sends it what it lacks, refuses new requests meanwhile (their clients ask "
      "again)\n"
      "and lets it stand. Refused for a node that is not heard or not caught up. When it does not\n"
      "take over within an election timeout, the leader goes on.\n"
      "Exit code 0 when the node leads.");

  auto* call =
      add_command(line, chosen, "call", "Send one request, given as JSON, and print the reply");
  call->add_option("-n,--node", chosen.call.node,
                   "Ask this node (default: the first that is reached)");
  call->add_option("--acknowledge", chosen.call.acknowledge,
                   "When it is answered: async, quorum or all (default: as the service says)")
      ->check(CLI::IsMember({"async", "quorum", "all"}));
  call->add_option("--reads", chosen.call.reads,
                   "A request that only reads may be answered by the node that is asked, if it is "
                   "known not to be older than this (50ms, 2s), or however old it is (local); "
                   "default: linearizable");
  call->add_option("REQUEST", chosen.call_words, "[SERVICE] TYPE JSON")->required()->expected(2, 3);
  call->footer(call_examples(application));
}

int dispatch(const CLI::App& line, choices& chosen, const app& application) {
  const bool losses = line.got_subcommand("losses");
  if (losses && !chosen.losses.replay) return list_losses(application, chosen.losses);
  auto config = load_config(chosen.config, language_of(application));
  if (!config) {
    std::fprintf(stderr, "%s\n", config.error().text.c_str());
    return exit_usage;
  }
  if (losses) return replay_losses(application, *config, chosen.losses);
  if (line.got_subcommand("run")) {
    chosen.run.log = log_of(chosen, severity::info);
    return run_nodes(application, *config, chosen.run);
  }
  if (line.got_subcommand("cluster"))
    return run_cluster(*config, log_of(chosen, severity::warning));
  if (line.got_subcommand("status")) return show_status(*config, chosen.status);
  if (line.got_subcommand("members")) return change_members(*config, chosen.members);
  if (line.got_subcommand("lead")) return change_leader(*config, chosen.lead);
  split_call(chosen);
  return call_service(application, *config, chosen.call);
}

}  // namespace

int main(int argc, char** argv, app application) {
  choices chosen;
  chosen.config = application.name + ".toml";
  CLI::App line{application.name + ": a program made with understudy " + std::string{version()}};
  line.name(application.name);
  line.footer(introduction(application));
  line.set_version_flag("--version", std::string{version()});
  line.require_subcommand(1);
  add_commands(line, chosen, application);
  try {
    line.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return line.exit(e) == 0 ? exit_ok : exit_usage;
  }
  try {
    return dispatch(line, chosen, application);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s: %s\n", application.name.c_str(), e.what());
    return exit_failed;
  }
}

int main(int argc, char** argv, service only) {
  auto name = only.name();
  return us::main(argc, argv, app{name, {std::move(only)}, {}});
}

}  // namespace us
