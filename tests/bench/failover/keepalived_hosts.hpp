#pragma once
/// Probed hosts with keepalived on each, as guard_hosts has guard: what guard is measured beside.

#include "tests/vip/probed_hosts.hpp"

#include <map>
#include <string>

namespace us::test {

class keepalived_hosts : public probed_hosts {
 public:
  /// `advert_s`: its heartbeat, as its configuration has it: "0.02".
  explicit keepalived_hosts(const std::string& advert_s);
  ~keepalived_hosts();

  void start(const std::string& host);
  /// SIGKILL to the program and its VRRP child, which holds the address.
  void kill(const std::string& host);
  void stop(const std::string& host);

 private:
  int child(const std::string& host) const;
  void forget(const std::string& host);

  std::string directory_;
  std::map<std::string, int> pids_;
};

}  // namespace us::test
