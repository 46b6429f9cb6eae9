#pragma once
/// Asks from outside whether something works: a server's port, a web page, a command. Live: sockets
/// and processes in a thread of its own. In tests: whatever the test says.
///
/// A probe ends in exactly one result, at the latest a little after its timeout. It never blocks
/// the caller and never throws.

#include "runtime/config/config.hpp"

#include <caf/actor.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace us {

enum class probe_kind : unsigned char {
  tcp,      ///< well: the port takes a connection
  http,     ///< well: GET `path` answers with a status in [status_min, status_max]
  command,  ///< well: it exits with 0; its output goes nowhere
};

struct probe {
  probe_kind kind = probe_kind::tcp;
  endpoint where;                    ///< tcp, http; the host is an IP address
  std::string path = "/";            ///< http
  std::string host;                  ///< http: the Host header; empty: `where`
  int status_min = 200;              ///< http
  int status_max = 399;              ///< http
  std::vector<std::string> command;  ///< command: the program's path, and its arguments
};

struct probe_result {
  bool well = false;
  std::string why;  ///< for a person: "connection refused", "status 503", "no answer in 50 ms"
};

class prober {
 public:
  virtual ~prober() = default;
  /// Runs `then` with the result in the context of `receiver`, or never when it is gone by then.
  virtual void run(const probe& what, std::chrono::milliseconds timeout, caf::actor receiver,
                   std::function<void(const probe_result&)> then) = 0;
};

}  // namespace us
