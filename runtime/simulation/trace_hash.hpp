#pragma once
/// A running hash over a run's events: two runs with the same value went the same way.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace us::sim {

class trace_hash {
 public:
  struct header {
    std::uint64_t time, kind, from, to, type;
  };
  void add(const header& h, std::span<const std::byte> bytes = {});
  void add(std::string_view text);
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0;
};

}  // namespace us::sim
