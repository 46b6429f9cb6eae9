#include "runtime/service/partition.hpp"

#include <xxhash.h>

#include <algorithm>

namespace us {

namespace {

constexpr std::uint64_t partition_seed = 0x706172746974696f;

}  // namespace

std::string group_name(std::string_view service, const partition_id& of) {
  std::string name{service};
  return of.only() ? name : name + "/" + std::to_string(of.index);
}

std::uint32_t partition_of(std::string_view key, std::uint32_t partitions) {
  if (partitions <= 1) return 0;
  const auto hash = XXH3_64bits_withSeed(key.data(), key.size(), partition_seed);
  __extension__ using wide = unsigned __int128;
  return static_cast<std::uint32_t>((wide{hash} * partitions) >> 64u);
}

request_place place_of_key(std::string_view key, std::uint32_t partitions) {
  return {.partition = partition_of(key, partitions)};
}

request_place place_of_keys(std::span<const std::string_view> keys, std::uint32_t partitions) {
  if (keys.empty()) return {};
  const auto first = partition_of(keys.front(), partitions);
  const bool one = std::ranges::all_of(
      keys, [&](std::string_view key) { return partition_of(key, partitions) == first; });
  if (one) return {.partition = first};
  return {.refused = "its keys are in different partitions"};
}

}  // namespace us
