#include "tests/cluster/process_cluster.hpp"

#include <arpa/inet.h>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <signal.h>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace us::test {

namespace {

/// Ports that were free a moment ago, all held open until the last is chosen so that they differ.
std::vector<std::uint16_t> free_ports(std::size_t count) {
  std::vector<int> sockets;
  std::vector<std::uint16_t> ports;
  while (ports.size() < count) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    if (::bind(fd, reinterpret_cast<sockaddr*>(&at), size) != 0 ||
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size) != 0)
      throw std::runtime_error{"no free port on loopback"};
    sockets.push_back(fd);
    ports.push_back(ntohs(at.sin_port));
  }
  for (int fd : sockets) ::close(fd);
  return ports;
}

std::string kv_program() {
  if (const char* given = std::getenv("UNDERSTUDY_KV")) return given;
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "bin" /
          "kv")
      .string();
}

std::string read_file(const std::string& path) {
  std::ifstream in{path};
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

void pause_between_polls() {
  ::poll(nullptr, 0, 10);
}

process_cluster::process_cluster(std::vector<std::string> nodes, std::string extra,
                                 std::string service, std::string profile)
    : nodes_(std::move(nodes)),
      extra_(std::move(extra)),
      service_(std::move(service)),
      profile_(std::move(profile)) {
  char name[] = "/tmp/understudy-cluster-XXXXXX";
  if (::mkdtemp(name) == nullptr) throw std::runtime_error{"no temporary directory"};
  directory_ = name;
  config_file_ = directory_ + "/cluster.toml";
  const auto free = free_ports(nodes_.size() * 3);
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    ports_[nodes_[i]] = {free[3 * i], free[3 * i + 1], free[3 * i + 2]};
  write_config(config_file_, service_);
}

void process_cluster::add_node(const std::string& node) {
  const auto free = free_ports(3);
  nodes_.push_back(node);
  ports_[node] = {free[0], free[1], free[2]};
  write_config(own_files_[node] = directory_ + "/with-" + node + ".toml", service_);
}

void process_cluster::configure(const std::string& node, const std::string& service) {
  write_config(own_files_[node] = directory_ + "/of-" + node + ".toml", service);
}

const std::string& process_cluster::file_of(const std::string& node) const {
  auto at = own_files_.find(node);
  return at == own_files_.end() ? config_file_ : at->second;
}

process_cluster::ended process_cluster::command(const std::string& node,
                                                const std::string& words) const {
  const auto line = kv_program() + " " + words + " --config " + file_of(node) + " 2>&1";
  auto* out = ::popen(line.c_str(), "r");
  if (out == nullptr) throw std::runtime_error{"cannot run " + line};
  std::string output;
  char part[4096];
  for (std::size_t n; (n = std::fread(part, 1, sizeof part, out)) > 0;) output.append(part, n);
  const int status = ::pclose(out);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, output};
}

process_cluster::~process_cluster() {
  while (!pids_.empty()) kill_hard(pids_.begin()->first);
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void process_cluster::write_config(const std::string& file, const std::string& service) const {
  std::ofstream out{file};
  out << "[cluster]\nname = \"test\"\nprofile = \"" << profile_ << "\"\n\n[service.kv]\n"
      << "failover = \"active-active\"\nreplication = \"leader-follower\"\n"
      << service << "\n"
      << extra_ << "\n";
  for (const auto& node : nodes_) {
    const auto& p = ports_.at(node);
    out << "[[node]]\nname = \"" << node << "\"\naddress = \"127.0.0.1:" << p.link
        << "\"\nadmin = \"127.0.0.1:" << p.admin << "\"\nredis = \"127.0.0.1:" << p.redis
        << "\"\ndata = \"" << directory_ << "/" << node << "\"\n\n";
  }
}

void process_cluster::start(const std::string& node) {
  const auto program = kv_program();
  const auto log = directory_ + "/" + node + ".log";
  const auto& config = file_of(node);
  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error{"fork failed"};
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int out = ::open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
    ::dup2(out, 1);
    ::dup2(out, 2);
    for (const auto& [name, value] : environments_[node]) ::setenv(name.c_str(), value.c_str(), 1);
    ::execl(program.c_str(), program.c_str(), "run", "--config", config.c_str(), "--node",
            node.c_str(), nullptr);
    ::_exit(127);
  }
  pids_[node] = pid;
}

void process_cluster::start_all() {
  for (const auto& node : nodes_) start(node);
}

void process_cluster::signal(const std::string& node, int number) const {
  ::kill(pids_.at(node), number);
}

int process_cluster::wait_for_exit(const std::string& node, std::chrono::milliseconds limit) {
  int status = 0;
  const auto pid = pids_.at(node);
  if (!eventually([&] { return ::waitpid(pid, &status, WNOHANG) == pid; }, limit)) return -1000;
  pids_.erase(node);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void process_cluster::kill_hard(const std::string& node) {
  signal(node, SIGKILL);
  ::waitpid(pids_.at(node), nullptr, 0);
  pids_.erase(node);
}

std::string process_cluster::wait_for_leader(std::chrono::milliseconds limit) const {
  std::string leader;
  (void)eventually(
      [&] {
        std::map<std::string, std::size_t> votes;
        for (const auto& node : nodes_) {
          if (!running(node)) continue;
          const auto status = http_get(node, "/api/v1/status");
          const auto at = status.find("\"leader\":\"");
          if (at == std::string::npos) continue;
          const auto name = status.substr(at + 10, status.find('"', at + 10) - at - 10);
          if (!name.empty() && running(name) && ++votes[name] > nodes_.size() / 2) leader = name;
        }
        return !leader.empty();
      },
      limit);
  return leader;
}

std::string process_cluster::http_get(const std::string& node, const std::string& path) const {
  return http(node, "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
}

std::string process_cluster::http_post(const std::string& node, const std::string& path,
                                       const std::string& body) const {
  return http(node, "POST " + path +
                        " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: "
                        "application/json\r\nContent-Length: " +
                        std::to_string(body.size()) + "\r\n\r\n" + body);
}

std::string process_cluster::http(const std::string& node, const std::string& request) const {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(admin_port(node));
  timeval patience{2, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::string answer;
  if (::connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0) {
    (void)!::write(fd, request.data(), request.size());
    char part[4096];
    for (ssize_t n; (n = ::read(fd, part, sizeof part)) > 0;)
      answer.append(part, static_cast<std::size_t>(n));
  }
  ::close(fd);
  return answer;
}

std::string process_cluster::output(const std::string& node) const {
  return read_file(directory_ + "/" + node + ".log");
}

std::uint64_t process_cluster::resident_kib(const std::string& node) const {
  std::istringstream status{read_file("/proc/" + std::to_string(pid(node)) + "/status")};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::stoull(line.substr(6));
  return 0;
}

}  // namespace us::test
