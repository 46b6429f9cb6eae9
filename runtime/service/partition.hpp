#pragma once
/// The partitions of a service: each has a share of the keys, and a group of replicas of its own.
///
/// partition_of() is on-disk compatibility: where a record lies follows from it, so it never
/// changes, and neither does the number of partitions of a service that has data.
/// Pure: no actor, no state.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace us {

constexpr std::uint32_t partitions_max = 4096;

/// One of a service's partitions.
struct partition_id {
  std::uint32_t index = 0;
  std::uint32_t count = 1;  ///< of the service

  bool only() const { return count <= 1; }
  friend constexpr auto operator<=>(const partition_id&, const partition_id&) = default;
};

/// For people and logs: "kv", or "kv/5" when it has more than one.
std::string group_name(std::string_view service, const partition_id& of);

/// The partition of a key: XXH3 (64 bits) of its bytes with the seed 0x706172746974696f, times the
/// number of partitions, the upper 64 bits of the product.
std::uint32_t partition_of(std::string_view key, std::uint32_t partitions);

/// Which partition executes a request; or all of them do; or none can.
struct request_place {
  /// Makes one reply of the partitions' replies, by index: Cap'n Proto stream messages, 8-byte
  /// aligned, as the result is.
  using merge_function = std::function<std::string(const std::vector<std::string_view>& replies)>;

  std::uint32_t partition = 0;
  merge_function everywhere = nullptr;  ///< not null: each partition executes it
  std::string refused{};                ///< not empty: why no partition can
};

request_place place_of_key(std::string_view key, std::uint32_t partitions);
/// Refused unless all are in one partition. Of none: the first.
request_place place_of_keys(std::span<const std::string_view> keys, std::uint32_t partitions);

}  // namespace us
