#pragma once
/// Probed hosts with a kv node each, whose address follows the leader: real processes, one
/// configuration.

#include "tests/vip/probed_hosts.hpp"

#include <map>
#include <string>

namespace us::test {

class kv_hosts : public probed_hosts {
 public:
  static constexpr int redis_port = 6379;

  /// `interface`: of every host, that is to hold the address.
  explicit kv_hosts(const std::string& interface = "e0");
  ~kv_hosts();

  const std::string& config() const { return config_; }
  void start(const std::string& host);
  void start_all();
  /// SIGKILL, and waits until it is gone. Its address stays on the host for its lifetime.
  void kill(const std::string& host);
  /// The host that has the address and a running node; empty: none, or several.
  std::string holder() const;

 private:
  std::string directory_;
  std::string config_;
  std::map<std::string, int> pids_;
};

}  // namespace us::test
