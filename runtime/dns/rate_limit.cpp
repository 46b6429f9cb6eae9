#include "runtime/dns/rate_limit.hpp"

#include <xxhash.h>

#include <algorithm>
#include <string_view>

namespace us::dns {

namespace {

constexpr std::size_t bucket_count = 1u << 14;
constexpr std::size_t ipv4_size = 4;
constexpr std::size_t ipv4_prefix = 3;
constexpr std::size_t ipv6_prefix = 7;

}  // namespace

rate_limiter::rate_limiter(std::uint32_t per_second, std::uint64_t seed)
    : per_second_(per_second), seed_(seed), buckets_(per_second == 0 ? 0 : bucket_count) {}

rate_limiter::bucket& rate_limiter::bucket_of(std::span<const std::uint8_t> address) {
  const auto prefix = address.size() == ipv4_size ? ipv4_prefix : ipv6_prefix;
  return buckets_[XXH64(address.data(), std::min(prefix, address.size()), seed_) % bucket_count];
}

ruling rate_limiter::judge(std::span<const std::uint8_t> address, time now) {
  if (!limits()) return ruling::send;
  auto& b = bucket_of(address);
  const double full = per_second_;
  const std::chrono::duration<double> since = now - b.filled;
  b.tokens = b.tokens < 0 ? full : std::min(full, b.tokens + since.count() * full);
  b.filled = now;
  if (b.tokens >= 1) {
    b.tokens -= 1;
    return ruling::send;
  }
  b.slipped = !b.slipped;
  return b.slipped ? ruling::truncate : ruling::drop;
}

}  // namespace us::dns
