#pragma once
/// One running guard: its node, sockets, address owner and HTTP, from start to orderly end.
///
/// Owns the machinery under the actors; they run on the node's loop. Ends when asked, or when the
/// node gives up.

#include "actors/app/http.hpp"
#include "apps/guard/guard_config.hpp"
#include "runtime/live/datagram_network.hpp"
#include "runtime/live/live_address_owner.hpp"
#include "runtime/live/live_executor.hpp"
#include "runtime/live/live_node.hpp"
#include "runtime/live/live_system.hpp"
#include "runtime/node/program.hpp"
#include "runtime/ports/log_sink.hpp"
#include "runtime/ports/prober.hpp"

#include <memory>
#include <string>

namespace guard {

class guard_node {
 public:
  /// Errors are one line for a person: a missing capability, interface or address.
  static us::result<std::unique_ptr<guard_node>> open(us::live_system& system,
                                                      const config& settings,
                                                      const std::string& name, us::log_style style);
  ~guard_node();

  const us::node_ptr& node() const { return live_->node(); }
  /// Starts the actors and the HTTP interface; returns their root.
  caf::actor start();
  /// Once the root has ended.
  void stop();

 private:
  guard_node(us::live_system& system, const config& settings, std::string name)
      : system_(system), settings_(settings), name_(std::move(name)) {}
  us::status prepare(us::log_style style);
  us::status open_network();
  us::status open_owner();
  us::http_response answer(const us::http_request& request) const;

  us::live_system& system_;
  const config& settings_;
  std::string name_;
  std::unique_ptr<us::http_server> admin_;
  std::shared_ptr<us::datagram_network> network_;
  std::shared_ptr<us::live_address_owner> owner_;
  std::shared_ptr<us::live_executor> hooks_ = std::make_shared<us::live_executor>();
  std::unique_ptr<us::live_node> live_;
};

/// What a node is made from, beside its configuration.
struct parts {
  std::shared_ptr<us::address_owner> owner;  ///< null: witness
  std::shared_ptr<us::executor> hooks;
  std::shared_ptr<us::prober> prober;
};

/// What the node runs: checker, guardian, seat and status, under one supervisor.
us::node_program make_program(const config& settings, const std::string& name, parts made_from);

}  // namespace guard
