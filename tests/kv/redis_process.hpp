#pragma once
/// A real redis-server to compare with: started on a free loopback port, ended with this object.

#include <cstdint>
#include <memory>
#include <string>
#include <sys/types.h>
#include <vector>

namespace kv::test {

class redis_process {
 public:
  /// Null when no redis-server is installed. Waits until it takes connections; throws when it
  /// does not.
  static std::unique_ptr<redis_process> start(const std::vector<std::string>& options);
  ~redis_process();

  std::uint16_t port() const { return port_; }

 private:
  redis_process(pid_t process, int output, std::uint16_t port)
      : process_(process), output_(output), port_(port) {}
  bool wait_until_ready();

  pid_t process_;
  int output_;
  std::uint16_t port_;
};

}  // namespace kv::test
