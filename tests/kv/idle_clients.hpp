#pragma once
/// Many idle connections, held by a process of their own: together with the server's side they
/// would exceed the open files of one. Make it before any thread is started.

#include <cstdint>
#include <sys/types.h>

namespace kv::test {

class idle_clients {
 public:
  idle_clients();
  ~idle_clients();
  /// Connects so many; returns how many succeeded. Once.
  std::uint32_t connect(std::uint16_t port, std::uint32_t count);
  /// Closes them.
  void release();

 private:
  [[noreturn]] static void serve(int orders, int reports);

  pid_t process_ = -1;
  int orders_ = -1;
  int reports_ = -1;
};

}  // namespace kv::test
