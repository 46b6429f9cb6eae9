#pragma once
/// Connects to one endpoint off the loop: resolving a name blocks, and so would connecting.
///
/// Owns one thread, asleep between attempts. Destruction interrupts an attempt, but for the
/// resolver, whose own timeout it then waits for.

#include "runtime/live/socket.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace us {

struct dial_outcome {
  owned_socket socket;   ///< connected and non-blocking, or none
  bool refused = false;  ///< the machine answers, but nothing listens there
  std::string error;     ///< why there is none
};

class dialer {
 public:
  explicit dialer(endpoint where);
  ~dialer();
  dialer(const dialer&) = delete;
  dialer& operator=(const dialer&) = delete;

  /// One attempt, of a second at most per address; not while another one is under way. `done` is
  /// called on the dialer's thread, even when it is being destroyed (the attempt then failed).
  void dial(std::function<void(dial_outcome)> done);

 private:
  void run();
  dial_outcome attempt();

  endpoint where_;
  owned_socket stop_;  ///< an eventfd, readable when it is time to end
  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void(dial_outcome)> wanted_;  ///< whom to tell of the attempt to be made
  bool stopping_ = false;
  std::jthread thread_;
};

}  // namespace us
