#include "tests/bench/failover/keepalived_hosts.hpp"

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/wait.h>

namespace us::test {

keepalived_hosts::keepalived_hosts(const std::string& advert_s) : probed_hosts({"a", "b"}) {
  std::array<char, 32> name{"/tmp/keepalived-XXXXXX"};
  directory_ = ::mkdtemp(name.data());
  for (const auto& host : hosts()) {
    std::ofstream file{directory_ + "/" + host + ".conf"};
    file << "global_defs {\n vrrp_version 3\n}\nvrrp_instance v {\n state BACKUP\n interface e0\n"
         << " virtual_router_id 51\n priority " << (host == "a" ? 150 : 100) << "\n advert_int "
         << advert_s << "\n nopreempt\n virtual_ipaddress { " << address << "/24 dev e0 }\n}\n";
  }
}

keepalived_hosts::~keepalived_hosts() {
  for (const auto& host : hosts()) kill(host);
  std::filesystem::remove_all(directory_);
}

void keepalived_hosts::start(const std::string& host) {
  const inside there{net(), host};
  const auto at = directory_ + "/" + host;
  pids_[host] = spawn_program({"/usr/sbin/keepalived", "-n", "-l", "-P", "-f", at + ".conf", "-p",
                               at + ".pid", "-r", at + ".vrrp"},
                              at + ".log");
}

int keepalived_hosts::child(const std::string& host) const {
  int pid = 0;
  std::ifstream{directory_ + "/" + host + ".vrrp"} >> pid;
  return pid;
}

void keepalived_hosts::forget(const std::string& host) {
  ::waitpid(pids_.at(host), nullptr, 0);
  pids_.erase(host);
  std::filesystem::remove(directory_ + "/" + host + ".pid");
  std::filesystem::remove(directory_ + "/" + host + ".vrrp");
}

void keepalived_hosts::kill(const std::string& host) {
  if (!pids_.contains(host)) return;
  // Stopped first: it would start another child at once, and a child that loses it ends in order.
  ::kill(pids_.at(host), SIGSTOP);
  if (const auto pid = child(host); pid > 0) ::kill(pid, SIGKILL);
  ::kill(pids_.at(host), SIGKILL);
  forget(host);
}

void keepalived_hosts::stop(const std::string& host) {
  ::kill(pids_.at(host), SIGTERM);
  forget(host);
}

}  // namespace us::test
