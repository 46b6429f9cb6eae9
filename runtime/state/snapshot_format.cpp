#include "runtime/state/snapshot_format.hpp"

#include <xxhash.h>

namespace us {

namespace {

constexpr std::uint64_t magic = 0x50414e5353444e55;  // "UNDSSNAP"
constexpr std::size_t checked_bytes = 40;
constexpr std::uint64_t spread = 0x9e3779b97f4a7c15;

template <class Number>
void set(char* to, Number number) {
  for (std::size_t i = 0; i < sizeof(Number); ++i) to[i] = static_cast<char>(number >> (8 * i));
}

template <class Number>
Number get(const char* from) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i)
    number |= std::uint64_t{static_cast<unsigned char>(from[i])} << (8 * i);
  return static_cast<Number>(number);
}

std::uint64_t check_of(const snapshot_id& id, snapshot_block kind, std::string_view payload,
                       std::uint64_t offset) {
  const auto shape = std::uint64_t{payload.size()} << 8 | static_cast<std::uint64_t>(kind);
  return XXH3_64bits_withSeed(payload.data(), payload.size(),
                              id.salt ^ (offset * spread) ^ (shape * (spread | 2)));
}

}  // namespace

void put_u32(std::string& to, std::uint32_t number) {
  to.resize(to.size() + 4);
  set(to.data() + to.size() - 4, number);
}

void put_u64(std::string& to, std::uint64_t number) {
  to.resize(to.size() + 8);
  set(to.data() + to.size() - 8, number);
}

std::uint32_t get_u32(const char* from) {
  return get<std::uint32_t>(from);
}

std::uint64_t get_u64(const char* from) {
  return get<std::uint64_t>(from);
}

void encode_snapshot_head(const snapshot_id& id, std::string& to, std::uint32_t version) {
  const auto begun = to.size();
  put_u64(to, magic);
  put_u32(to, version);
  put_u32(to, 0);
  put_u64(to, id.index.value);
  put_u64(to, id.epoch.value);
  put_u64(to, id.salt);
  put_u64(to, XXH3_64bits(to.data() + begun, checked_bytes));
  to.resize(begun + snapshot_head_bytes, '\0');
}

result<snapshot_id> decode_snapshot_head(std::string_view bytes, const std::string& path) {
  if (bytes.size() < snapshot_head_bytes || get_u64(bytes.data()) != magic)
    return failure{errc::corrupted, path + ": offset 0: does not begin as a snapshot"};
  const auto version = get_u32(bytes.data() + 8);
  if (version > snapshot_format_version)
    return failure{errc::newer_format, path + ": written in snapshot format " +
                                           std::to_string(version) + ", this program knows up to " +
                                           std::to_string(snapshot_format_version) +
                                           "; run the newer program"};
  if (get_u64(bytes.data() + checked_bytes) != XXH3_64bits(bytes.data(), checked_bytes))
    return failure{errc::corrupted, path + ": offset 0: the head is damaged"};
  return snapshot_id{
      {get_u64(bytes.data() + 16)}, {get_u64(bytes.data() + 24)}, get_u64(bytes.data() + 32)};
}

std::size_t begin_block(std::string& to) {
  const auto begun = to.size();
  to.resize(begun + snapshot_block_head_bytes);
  return begun;
}

void end_block(const snapshot_id& id, snapshot_block kind, std::string& to, std::size_t begun,
               std::uint64_t offset) {
  const auto payload = std::string_view{to}.substr(begun + snapshot_block_head_bytes);
  set(to.data() + begun, static_cast<std::uint32_t>(payload.size()));
  set(to.data() + begun + 4, static_cast<std::uint32_t>(kind));
  set(to.data() + begun + 8, check_of(id, kind, payload, offset));
}

std::optional<snapshot_block_head> decode_block_head(std::string_view bytes) {
  if (bytes.size() < snapshot_block_head_bytes) return std::nullopt;
  const auto kind = get_u32(bytes.data() + 4);
  if (kind < 1 || kind > static_cast<std::uint32_t>(snapshot_block::store)) return std::nullopt;
  return snapshot_block_head{get_u32(bytes.data()), static_cast<snapshot_block>(kind),
                             get_u64(bytes.data() + 8)};
}

bool verify_block(const snapshot_id& id, const snapshot_block_head& head, std::string_view payload,
                  std::uint64_t offset) {
  return payload.size() == head.length && check_of(id, head.kind, payload, offset) == head.check;
}

void encode_record(std::string_view key, std::string_view value, std::string& to) {
  put_u32(to, static_cast<std::uint32_t>(key.size()));
  put_u32(to, static_cast<std::uint32_t>(value.size()));
  to.append(key);
  to.append(value);
}

void encode_store(const store_name& name, std::string& to) {
  put_u64(to, name.number);
  to.append(name.engine);
}

std::optional<store_name> decode_store(std::string_view payload) {
  if (payload.size() < 9 || payload.size() > 64 || get_u64(payload.data()) == 0)
    return std::nullopt;
  return store_name{std::string{payload.substr(8)}, get_u64(payload.data())};
}

void encode_end(const snapshot_end& end, std::string& to) {
  put_u64(to, end.complete.value);
  put_u64(to, end.records);
}

std::optional<snapshot_end> decode_end(std::string_view payload) {
  if (payload.size() != 16) return std::nullopt;
  return snapshot_end{{get_u64(payload.data())}, get_u64(payload.data() + 8)};
}

std::uint64_t chunk_check(const snapshot_id& id, std::uint64_t offset, std::string_view bytes) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), id.salt ^ ((offset + 1) * spread));
}

}  // namespace us
