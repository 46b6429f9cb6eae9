#include "tests/vip/guard_hosts.hpp"

#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/wait.h>

namespace us::test {

guard_hosts::guard_hosts(guard_options how) : probed_hosts(how.hosts) {
  if (how.second_path) net().add_second_switch();
  std::array<char, 32> name{"/tmp/guard-test-XXXXXX"};
  directory_ = ::mkdtemp(name.data());
  config_ = directory_ + "/guard.toml";
  write_config(how);
}

guard_hosts::~guard_hosts() {
  for (const auto& [host, pid] : std::map{pids_}) {
    ::kill(pid, SIGCONT);
    kill(host);
  }
  if (::testing::Test::HasFailure())
    for (const auto& host : hosts())
      std::printf("-- log of %s\n%s", host.c_str(), log(host).c_str());
  std::filesystem::remove_all(directory_);
}

void guard_hosts::write_config(const guard_options& how) {
  std::ofstream file{config_};
  file << "[cluster]\nname = \"test\"\ninsecure = true\n\n[vip]\naddresses = [\"" << address
       << "/24\"]\n"
       << how.vip << "\n"
       << how.more << "\n";
  int number = 0;
  for (const auto& host : hosts()) {
    const auto n = std::to_string(++number);
    file << "[[node]]\nname = \"" << host << "\"\naddress = \"10.77.0." << n << ":7101\"\n"
         << "admin = \"10.77.0." << n << ":8101\"\ndata = \"" << directory_ << "/" << host
         << "\"\npriority = " << 200 - number << "\n";
    if (host == how.witness)
      file << "witness = true\n";
    else
      file << "interface = \"e0\"\n";
    if (how.second_path) file << "second_address = \"10.78.0." << n << ":7102\"\n";
  }
}

void guard_hosts::start(const std::string& host) {
  const inside there{net(), host};
  pids_[host] = spawn_program({GUARD_PROGRAM, "run", "--config", config_, "--node", host},
                              directory_ + "/" + host + ".log");
}

void guard_hosts::start_all() {
  for (const auto& host : hosts()) start(host);
}

void guard_hosts::signal(const std::string& host, int number) {
  ::kill(pids_.at(host), number);
}

void guard_hosts::kill(const std::string& host) {
  signal(host, SIGKILL);
  ::waitpid(pids_.at(host), nullptr, 0);
  pids_.erase(host);
}

int guard_hosts::stop(const std::string& host) {
  signal(host, SIGTERM);
  int status = 0;
  ::waitpid(pids_.at(host), &status, 0);
  pids_.erase(host);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string guard_hosts::log(const std::string& host) const {
  std::ifstream file{directory_ + "/" + host + ".log"};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

int guard_hosts::command(const std::string& host, const std::vector<std::string>& words,
                         std::string& output) {
  const inside there{net(), host};
  std::vector<std::string> all{GUARD_PROGRAM};
  all.insert(all.end(), words.begin(), words.end());
  return run_command(all, &output);
}

bool guard_hosts::log_has(const std::string& host, const std::string& text) {
  return eventually([&] { return log(host).find(text) != std::string::npos; });
}

}  // namespace us::test
