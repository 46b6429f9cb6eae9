#pragma once
/// errno as a failure of this framework.

#include "runtime/error.hpp"

#include <string>
#include <string_view>

namespace us {

/// "cannot write data/a/log/1: No space left on device"; code by errno `number`.
failure posix_failure(std::string_view what, std::string_view path, int number);

/// Calls f() again while a signal interrupts it.
template <class F>
auto retry_interrupted(F f) -> decltype(f());

}  // namespace us

#include <cerrno>

template <class F>
auto us::retry_interrupted(F f) -> decltype(f()) {
  for (;;) {
    auto answer = f();
    if (answer != -1 || errno != EINTR) return answer;
  }
}
