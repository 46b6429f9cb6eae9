#pragma once
/// A piece of work sent to an actor of the same process, run in its context: how timers
/// and completions of the executor come back.

#include <caf/allowed_unsafe_message_type.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "messages/frame.hpp"

namespace us {

class task {
 public:
  task() = default;
  template <class F>
  explicit task(F f) : run_(std::make_shared<std::function<void()>>(std::move(f))) {}

  void operator()() const {
    if (run_) (*run_)();
  }

 private:
  std::shared_ptr<std::function<void()>> run_;
};

inline std::string to_string(const task&) {
  return "task";
}

}  // namespace us

// Neither leaves the process as a CAF message: links carry frames as bytes.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::task)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::frame)
