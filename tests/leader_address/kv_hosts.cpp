#include "tests/leader_address/kv_hosts.hpp"

#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/wait.h>

namespace us::test {

kv_hosts::kv_hosts(const std::string& interface) : probed_hosts({"a", "b", "c"}) {
  std::array<char, 32> name{"/tmp/kv-hosts-XXXXXX"};
  directory_ = ::mkdtemp(name.data());
  config_ = directory_ + "/kv.toml";
  std::ofstream file{config_};
  file << "[cluster]\nname = \"test\"\ninsecure = true\n\n[service.kv]\n"
       << "failover = \"active-passive\"\nreplication = \"leader-follower\"\n"
       << "addresses = [\"" << address << "/24\"]\ninterface = \"" << interface << "\"\n\n";
  int number = 0;
  for (const auto& host : hosts()) {
    const auto n = std::to_string(++number);
    file << "[[node]]\nname = \"" << host << "\"\naddress = \"10.77.0." << n
         << ":7101\"\nadmin = \"10.77.0." << n << ":8101\"\nredis = \"0.0.0.0:" << redis_port
         << "\"\ndata = \"" << directory_ << "/" << host << "\"\n\n";
  }
}

kv_hosts::~kv_hosts() {
  while (!pids_.empty()) kill(pids_.begin()->first);
  if (::testing::Test::HasFailure())
    for (const auto& host : hosts()) {
      std::ifstream log{directory_ + "/" + host + ".log"};
      for (std::string line; std::getline(log, line);)
        std::printf("%s | %s\n", host.c_str(), line.c_str());
    }
  std::filesystem::remove_all(directory_);
}

void kv_hosts::start(const std::string& host) {
  const inside there{net(), host};
  pids_[host] = spawn_program({KV_PROGRAM, "run", "--config", config_, "--node", host},
                              directory_ + "/" + host + ".log");
}

void kv_hosts::start_all() {
  for (const auto& host : hosts()) start(host);
}

void kv_hosts::kill(const std::string& host) {
  ::kill(pids_.at(host), SIGKILL);
  ::waitpid(pids_.at(host), nullptr, 0);
  pids_.erase(host);
}

std::string kv_hosts::holder() const {
  std::string found;
  for (const auto& [host, pid] : pids_) {
    if (!net().has_address(host, address)) continue;
    if (!found.empty()) return {};
    found = host;
  }
  return found;
}

}  // namespace us::test
