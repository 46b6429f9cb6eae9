#pragma once
/// A real cluster for tests: one `kv run --node` process per node on loopback, on free ports, with
/// its data in a temporary directory. Ends only the processes that it started, by pid.

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

namespace us::test {

class process_cluster {
 public:
  /// `extra`: lines added to the configuration, e.g. "[timing]\nheartbeat_ms = 50\n"; `service`: to
  /// that of the service.
  explicit process_cluster(std::vector<std::string> nodes = {"a", "b", "c"}, std::string extra = "",
                           std::string service = "acknowledge = \"quorum\"\n",
                           std::string profile = "local");
  ~process_cluster();
  process_cluster(const process_cluster&) = delete;
  process_cluster& operator=(const process_cluster&) = delete;

  const std::vector<std::string>& nodes() const { return nodes_; }
  const std::string& directory() const { return directory_; }
  const std::string& config_file() const { return config_file_; }
  std::uint16_t redis_port(const std::string& node) const { return ports_.at(node).redis; }
  std::uint16_t admin_port(const std::string& node) const { return ports_.at(node).admin; }
  std::uint16_t link_port(const std::string& node) const { return ports_.at(node).link; }

  /// One more node, which only its own configuration file names; not started.
  void add_node(const std::string& node);
  /// From its next start on the node has a configuration file of its own, with these lines for the
  /// service.
  void configure(const std::string& node, const std::string& service);
  /// From its next start on, beside what this process has.
  void set_environment(const std::string& node, std::map<std::string, std::string> variables) {
    environments_[node] = std::move(variables);
  }
  void start(const std::string& node);
  void start_all();
  /// Sends a signal to a node's process.
  void signal(const std::string& node, int number) const;
  /// Waits until the process has ended; its exit code, or -signal. nullopt-like -1000: it did not
  /// end.
  int wait_for_exit(const std::string& node, std::chrono::milliseconds limit);
  void kill_hard(const std::string& node);
  bool running(const std::string& node) const { return pids_.contains(node); }
  pid_t pid(const std::string& node) const { return pids_.at(node); }

  /// The node that says of itself that it leads and that a majority agrees with; empty when there
  /// is none within the limit.
  std::string wait_for_leader(std::chrono::milliseconds limit = std::chrono::seconds{30}) const;
  struct ended {
    int code;
    std::string output;
  };
  /// Runs `kv words... --config FILE`, with the file of that node.
  ended command(const std::string& node, const std::string& words) const;
  /// GET http://127.0.0.1:admin/path; empty when it does not answer.
  std::string http_get(const std::string& node, const std::string& path) const;
  /// The same with POST and a JSON body.
  std::string http_post(const std::string& node, const std::string& path,
                        const std::string& body) const;
  /// Everything that the node's process has printed.
  std::string output(const std::string& node) const;
  /// Resident memory in KiB.
  std::uint64_t resident_kib(const std::string& node) const;

 private:
  struct ports {
    std::uint16_t link;
    std::uint16_t admin;
    std::uint16_t redis;
  };

  void write_config(const std::string& file, const std::string& service) const;
  const std::string& file_of(const std::string& node) const;
  std::string http(const std::string& node, const std::string& request) const;

  std::vector<std::string> nodes_;
  std::string directory_;
  std::string config_file_;
  std::string extra_;
  std::string service_;
  std::string profile_;
  std::map<std::string, std::string> own_files_;  ///< of nodes that have one
  std::map<std::string, std::map<std::string, std::string>> environments_;
  std::map<std::string, ports> ports_;
  std::map<std::string, pid_t> pids_;
};

/// Waits for `done` by asking it again and again, with a generous deadline.
template <class F>
bool eventually(F done, std::chrono::milliseconds limit = std::chrono::seconds{30}) {
  extern void pause_between_polls();
  const auto until = std::chrono::steady_clock::now() + limit;
  while (!done()) {
    if (std::chrono::steady_clock::now() > until) return false;
    pause_between_polls();
  }
  return true;
}

}  // namespace us::test
