#pragma once
/// The bytes of a record that was asked for, 8-byte aligned; or that there is none.
///
/// Where a record lies in memory anyway, this is a view of it and costs no more. One that comes
/// from a disk is held by this. Either way: valid while this lives and the record is not changed.

#include <memory>
#include <optional>
#include <string_view>

namespace us {

class record_bytes {
 public:
  /// There is no such record.
  record_bytes(std::nullopt_t) {}
  /// Of memory that stays until the record is changed.
  record_bytes(std::string_view bytes) : bytes_(bytes.data() != nullptr ? bytes : empty()) {}
  /// Holds the bytes: the first `size` of `own`.
  record_bytes(std::unique_ptr<char[]> own, std::size_t size)
      : bytes_(own.get(), size), own_(std::move(own)) {}

  explicit operator bool() const { return bytes_.data() != nullptr; }
  bool has_value() const { return bytes_.data() != nullptr; }
  const std::string_view& operator*() const { return bytes_; }
  const std::string_view* operator->() const { return &bytes_; }

 private:
  static std::string_view empty() {
    alignas(8) static constexpr char none[8]{};
    return none;
  }

  std::string_view bytes_;
  std::unique_ptr<char[]> own_;
};

}  // namespace us
