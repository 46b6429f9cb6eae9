#pragma once
/// Errors of this framework, and result<T> that carries them.

#include <string>
#include <utility>
#include <variant>

namespace us {

enum class errc : unsigned char {
  none,
  io_failed,        ///< the disk or the network reported an error; text says which
  disk_full,        ///< no space left; nothing is lost, and it may be tried again
  corrupted,        ///< stored bytes do not carry their checksum
  not_found,
  wrong_owner,      ///< a data directory of another cluster or node, or one in use
  newer_format,     ///< written by a newer version
  overloaded,       ///< a bound is reached; try later
  unreachable,      ///< no connection to that node now
  invalid_config,
  invalid_input,    ///< what was given to read is not what it should be; text says where
};
std::string to_string(errc code);

struct failure {
  errc code = errc::none;
  std::string text;  ///< one line for a person: what failed and what to do
};

/// A value, or why there is none. Converts from both.
template <class T>
class [[nodiscard]] result {
 public:
  result(T value) : content_(std::move(value)) {}
  result(failure e) : content_(std::move(e)) {}

  explicit operator bool() const { return content_.index() == 0; }
  T& operator*() { return std::get<0>(content_); }
  const T& operator*() const { return std::get<0>(content_); }
  T* operator->() { return &std::get<0>(content_); }
  const failure& error() const { return std::get<1>(content_); }

 private:
  std::variant<T, failure> content_;
};

struct done {};
/// Success or an error.
using status = result<done>;

}  // namespace us
