#pragma once
/// A running hash over a run's events: two runs with the same value went the same way.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

struct XXH3_state_s;

namespace us::sim {

class trace_hash {
 public:
  trace_hash();

  struct header {
    std::uint64_t time, kind, from, to, type;
  };
  void add(const header& h, std::span<const std::byte> bytes = {});
  void add(std::string_view text);
  std::uint64_t value() const;

 private:
  struct deleter {
    void operator()(XXH3_state_s* state) const noexcept;
  };
  std::unique_ptr<XXH3_state_s, deleter> state_;
};

}  // namespace us::sim
