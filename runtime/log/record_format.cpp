#include "runtime/log/record_format.hpp"

#include "runtime/mutants.hpp"

#include <xxhash.h>

#include <cstring>

namespace us {
namespace {

constexpr std::uint64_t segment_magic = 0x474f4c5453444e55;  // "UNDSTLOG"
constexpr std::uint64_t spread = 0x9e3779b97f4a7c15;         // odd: distinct offsets stay distinct

template <class Number>
void put(std::byte* to, Number value) {
  for (std::size_t i = 0; i < sizeof(Number); ++i) to[i] = static_cast<std::byte>(value >> (8 * i));
}

template <class Number>
Number take(const std::byte* from) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i)
    value |= std::to_integer<std::uint64_t>(from[i]) << (8 * i);
  return static_cast<Number>(value);
}

std::uint32_t check_of(const std::byte* header, std::uint64_t seed, std::uint64_t offset) {
  return static_cast<std::uint32_t>(
      XXH3_64bits_withSeed(header + 4, record_header_bytes - 4, seed ^ (offset * spread)));
}

std::uint64_t hash_of(const std::byte* payload, std::size_t length) {
  return XXH3_64bits(payload, record_bytes(length) - record_header_bytes);
}

bool known(std::uint8_t kind) {
  return kind >= static_cast<std::uint8_t>(record_kind::entry) &&
         kind <= static_cast<std::uint8_t>(record_kind::begin);
}

}  // namespace

void encode_record(const record& r, const record_place& where, std::byte* out) {
  auto length = r.payload.size();
  auto* payload = out + record_header_bytes;
  if (length != 0) std::memcpy(payload, r.payload.data(), length);
  std::memset(payload + length, 0, record_bytes(length) - record_header_bytes - length);
  put(out + 4, static_cast<std::uint32_t>(length));
  put(out + 8, hash_of(payload, length));
  put(out + 16, static_cast<std::uint32_t>(where.group / 8));
  put(out + 20, static_cast<std::uint32_t>(r.kind));
  put(out + 24, r.index);
  put(out + 32, r.epoch.value);
  put(out + 40, r.commit.value);
  put(out, check_of(out, where.seed, where.offset));
}

std::optional<record_header> decode_header(std::span<const std::byte> bytes, std::uint64_t seed,
                                           std::uint64_t offset) {
  if (bytes.size() < record_header_bytes) return std::nullopt;
  const auto* at = bytes.data();
  auto kind = take<std::uint32_t>(at + 20);
  if (kind > 0xff || !known(static_cast<std::uint8_t>(kind))) return std::nullopt;
  record_header header;
  header.group = std::uint64_t{take<std::uint32_t>(at + 16)} * 8;
  if (header.group > offset) return std::nullopt;
  if (take<std::uint32_t>(at) != check_of(at, seed, offset)) return std::nullopt;
  header.length = take<std::uint32_t>(at + 4);
  header.hash = take<std::uint64_t>(at + 8);
  header.values.kind = static_cast<record_kind>(kind);
  header.values.index = take<std::uint64_t>(at + 24);
  header.values.epoch = {take<std::uint64_t>(at + 32)};
  header.values.commit = {take<std::uint64_t>(at + 40)};
  return header;
}

std::optional<record_header> decode_record(std::span<const std::byte> bytes, std::uint64_t seed,
                                           std::uint64_t offset) {
  auto header = decode_header(bytes, seed, offset);
  if (!header || header->total_bytes() > bytes.size()) return std::nullopt;
  const auto* payload = bytes.data() + record_header_bytes;
  const bool whole = hash_of(payload, header->length) == header->hash;
  if (!whole && !mutant(bug::payload_unchecked)) return std::nullopt;
  header->values.payload = {payload, header->length};
  return header;
}

void encode_segment_header(const segment_header& h, std::byte* out) {
  put(out, segment_magic);
  put(out + 8, h.version);
  put(out + 12, std::uint32_t{0});
  put(out + 16, h.number);
  put(out + 24, h.previous_end);
  put(out + 32, h.vote_epoch.value);
  put(out + 40, h.vote_candidate.value);
}

std::optional<segment_header> decode_segment_header(std::span<const std::byte> payload) {
  if (payload.size() != segment_header_payload_bytes) return std::nullopt;
  const auto* at = payload.data();
  if (take<std::uint64_t>(at) != segment_magic) return std::nullopt;
  segment_header h;
  h.version = take<std::uint32_t>(at + 8);
  h.number = take<std::uint64_t>(at + 16);
  h.previous_end = take<std::uint64_t>(at + 24);
  h.vote_epoch = {take<std::uint64_t>(at + 32)};
  h.vote_candidate = {take<std::uint64_t>(at + 40)};
  return h;
}

std::optional<std::uint32_t> claimed_version(std::span<const std::byte> file_start) {
  if (file_start.size() < segment_header_bytes) return std::nullopt;
  const auto* payload = file_start.data() + record_header_bytes;
  if (take<std::uint64_t>(payload) != segment_magic) return std::nullopt;
  return take<std::uint32_t>(payload + 8);
}

}  // namespace us
