#pragma once
/// Real processes of the echo service, and a router to them in this process that sends a request
/// every few milliseconds while one of them is killed, hung or stopped.

#include "runtime/live/live_node.hpp"
#include "tests/app/program.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace us::test {

struct load_plan {
  std::chrono::milliseconds length{1800};
  std::chrono::milliseconds every{5};
  std::chrono::milliseconds timeout{500};
  unsigned charges = 0;  ///< one of so many must not be executed twice; 0: none
  std::chrono::milliseconds act_at{600};
  std::function<void()> act;
};

struct load_result {
  unsigned sent = 0;
  unsigned done = 0;
  unsigned rejected = 0;
  unsigned unknown = 0;
  unsigned echoes_failed = 0;  ///< of those that may be executed twice
  std::chrono::milliseconds slowest{0};
  std::map<std::string, unsigned> answered_by;  ///< process id -> answers
};

class live_backends {
 public:
  /// Starts nodes a, b and c as processes of `echo_program`, and waits until the router here is
  /// answered by each of them.
  explicit live_backends(const std::string& echo_program);
  ~live_backends();

  ::test::program& process(const std::string& node) { return *processes_.at(node); }
  /// Of a, b and c: where they take requests over HTTP.
  const std::vector<std::uint16_t>& admin_ports() const { return admin_ports_; }
  /// Sends requests as planned and waits until each has its outcome.
  load_result run(const load_plan& plan);

 private:
  ::test::temporary_directory directory_;
  std::vector<std::uint16_t> admin_ports_;
  std::map<std::string, std::unique_ptr<::test::program>> processes_;
  cluster_config config_;
  live_system system_;
  std::unique_ptr<live_node> live_;
  caf::actor monitor_;
};

}  // namespace us::test
