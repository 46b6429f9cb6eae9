#pragma once
/// Bounds what one network gets over UDP, whose sources can be forged: a responder must not be
/// a gun (response rate limiting). A token bucket per source prefix: IPv4 /24, IPv6 /56.
///
/// Bounded memory: a fixed table; prefixes that fall onto the same place share a bucket, and who
/// shares changes with the seed. Of what is beyond the rate every second response is sent
/// truncated, so that an honest client asks again over TCP, and the others are dropped. Not
/// thread-safe: one per thread.

#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

namespace us::dns {

enum class ruling : unsigned char { send, truncate, drop };

class rate_limiter {
 public:
  using time = std::chrono::steady_clock::time_point;

  /// `per_second` 0: no limit. As many may come at once after a second of silence.
  rate_limiter(std::uint32_t per_second, std::uint64_t seed);

  bool limits() const { return per_second_ != 0; }
  /// `address`: 4 or 16 bytes in network order.
  ruling judge(std::span<const std::uint8_t> address, time now);

 private:
  struct bucket {
    time filled{};
    double tokens = -1;  ///< below 0: never used
    bool slipped = false;
  };
  bucket& bucket_of(std::span<const std::uint8_t> address);

  std::uint32_t per_second_;
  std::uint64_t seed_;
  std::vector<bucket> buckets_;
};

}  // namespace us::dns
