#pragma once
/// One command being answered at the edge. Used by the edge's command functions only.

#include "apps/kv/edge_commands.hpp"

namespace kv {

struct edge_call {
  std::span<const std::string_view> arguments;
  session& who;
  const edge_facts& facts;
  resp_writer& writer;
  after_reply then = after_reply::go_on;
};

using edge_function = void (*)(edge_call&);

/// A command's part that is named by its first argument, as CLIENT SETNAME.
struct subcommand {
  std::string_view name;  ///< upper case
  int arity;              ///< with the command's name; negative: at least that many
  edge_function run;
};

/// Runs the subcommand that the call names, or answers with Redis' error.
void run_subcommand(edge_call& c, std::string_view parent, std::span<const subcommand> known);

/// False: answered with an error.
bool set_client_name(edge_call& c, std::string_view name);

namespace edge {
// edge_connection.cpp
void hello(edge_call& c);
void client(edge_call& c);
// edge_describe.cpp
void command(edge_call& c);
// edge_server.cpp
void info(edge_call& c);
void config(edge_call& c);
}  // namespace edge

}  // namespace kv
