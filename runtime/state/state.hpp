#pragma once
/// The records of one partition as a replica keeps them: key -> bytes. What is in it is
/// committed; who executes requests ahead of commit looks through an overlay.
///
/// Keys are spread over slots by hash: a key never changes its slot, so a scan by slots
/// sees every record that is there during the whole scan, whatever is written meanwhile.
/// Not thread-safe: owned by one replica's store.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace us {

class state {
 public:
  static constexpr std::uint32_t slots = 16384;
  static std::uint32_t slot_of(std::string_view key);

  virtual ~state() = default;
  /// Valid until the record is changed. Bytes are 8-byte aligned.
  virtual std::optional<std::string_view> get(std::string_view key) const = 0;
  virtual void put(std::string_view key, std::string value) = 0;
  virtual bool erase(std::string_view key) = 0;
  virtual void clear() = 0;
  virtual std::uint64_t size() const = 0;
  virtual void each_in_slot(
      std::uint32_t slot,
      const std::function<void(std::string_view key, std::string_view value)>& f) const = 0;
};

}  // namespace us
