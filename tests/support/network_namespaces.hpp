#pragma once
/// Network namespaces on one switch, for tests that need real interfaces. Root only.
///
/// Host i ("a" is 1, "b" is 2, ...) has an interface e0 with 10.77.0.i/24 and fd77::i/64, joined
/// by a bridge in a namespace of its own. Everything is removed by the destructor.

#include <map>
#include <string>
#include <vector>

namespace us::test {

/// Why tests that need namespaces cannot run here; empty when they can.
std::string no_namespaces();

/// Runs a command without a shell; its exit code, output goes nowhere unless it fails.
int run_command(const std::vector<std::string>& words, std::string* output = nullptr);

class network_namespaces {
 public:
  explicit network_namespaces(std::vector<std::string> hosts);
  ~network_namespaces();
  network_namespaces(const network_namespaces&) = delete;
  network_namespaces& operator=(const network_namespaces&) = delete;

  /// The namespace of a host, as `ip netns` has it.
  std::string of(const std::string& host) const;
  /// `ip -n HOST words...`; fails the test when it fails.
  void ip(const std::string& host, const std::vector<std::string>& words) const;
  /// Whether the host's e0 has the address ("10.77.0.100").
  bool has_address(const std::string& host, const std::string& address) const;
  /// A second switch that joins the same hosts: e1 with 10.78.0.i/24.
  void add_second_switch();
  /// The host's cable on the switch's side of `interface`.
  void link(const std::string& host, bool up, const std::string& interface = "e0") const;

 private:
  void make_switch(const std::string& interface, const std::string& bridge,
                   const std::string& subnet4, const std::string& subnet6);

  std::string tag_;
  std::vector<std::string> hosts_;
};

/// While it lives, this thread opens its sockets in the host's namespace.
class inside {
 public:
  inside(const network_namespaces& where, const std::string& host);
  ~inside();
  inside(const inside&) = delete;
  inside& operator=(const inside&) = delete;

 private:
  int before_ = -1;
};

}  // namespace us::test
