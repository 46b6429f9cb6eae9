#pragma once
/// File descriptors that close themselves, and those that make signals and timers things to
/// poll() for. For the command line's own loops; nodes do not use them.
///
/// Errors: std::system_error when the kernel has none to give.

#include <chrono>
#include <initializer_list>
#include <utility>

namespace us {

class descriptor {
 public:
  descriptor() = default;
  explicit descriptor(int number) : number_(number) {}
  descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~descriptor() { reset(); }

  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  void reset();

 private:
  int number_ = -1;
};

/// Blocks signals for this thread and those it starts; they are read here instead.
class signal_queue {
 public:
  explicit signal_queue(std::initializer_list<int> signals);
  int fd() const { return fd_.get(); }
  /// The next signal that came; 0: none.
  int next();

 private:
  descriptor fd_;
};

/// How soon after a signal to end another one is a person's second: process managers and
/// `timeout` send the same one twice in a row.
constexpr std::chrono::milliseconds second_signal_after{500};

class timer {
 public:
  timer();
  int fd() const { return fd_.get(); }
  void arm(std::chrono::milliseconds delay);
  void disarm();
  /// True once after it went off.
  bool expired();

 private:
  descriptor fd_;
};

/// Wakes a poll() from any thread; stays readable.
class wakeup {
 public:
  wakeup();
  int fd() const { return fd_.get(); }
  void ring() const;

 private:
  descriptor fd_;
};

/// Non-blocking; both ends are closed by exec.
std::pair<descriptor, descriptor> make_pipe();

}  // namespace us
