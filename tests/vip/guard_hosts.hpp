#pragma once
/// Probed hosts with a guard each: real processes, one configuration.

#include "tests/vip/probed_hosts.hpp"

#include <map>
#include <string>
#include <vector>

namespace us::test {

struct guard_options {
  std::vector<std::string> hosts{"a", "b"};
  std::string vip = "heartbeat_ms = 100\n";  ///< more lines of [vip]
  std::string more{};                        ///< more tables
  std::string witness{};                     ///< one of the hosts
  bool second_path = false;
};

class guard_hosts : public probed_hosts {
 public:
  explicit guard_hosts(guard_options how);
  ~guard_hosts();

  const std::string& config() const { return config_; }

  void start(const std::string& host);
  void start_all();
  void signal(const std::string& host, int number);
  /// SIGKILL, and waits until it is gone. Its addresses stay on the host.
  void kill(const std::string& host);
  /// SIGTERM; its exit code.
  int stop(const std::string& host);
  std::string log(const std::string& host) const;
  bool log_has(const std::string& host, const std::string& text);
  /// Runs guard with these words in the host's namespace: exit code and output.
  int command(const std::string& host, const std::vector<std::string>& words, std::string& output);

 private:
  void write_config(const guard_options& how);

  std::string directory_;
  std::string config_;
  std::map<std::string, int> pids_;
};

}  // namespace us::test
