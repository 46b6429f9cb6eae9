#pragma once
/// How one record lies on disk. Pure: bytes in, values out.
///
/// A segment file is a row of records, each starting at a multiple of 8:
///
///     0  u32  check     low half of XXH3 over bytes [4, 48), seeded by segment and offset
///     4  u32  length    bytes of payload
///     8  u64  hash      XXH3 of the payload, its padding included
///    16  u32  group     where the record's group begins in the file, in units of 8 bytes
///    20  u8   kind, then three zero bytes
///    24  u64  index     entry: its index; truncate: the last that stays; vote: the candidate;
///                       begin: the last that the snapshot covers;
///                       segment: the last index before it
///    32  u64  epoch     of the entry, of the entry that stays, of the vote, of the entry before
///    40  u64  commit    newest commit index known when it was written
///    48  payload, padded with zeros to a multiple of 8
///
/// Numbers are little endian. A group is what one write and one sync made durable. Because a
/// group is written only after the sync of the one before it, a bad record followed by a
/// record of a later group is damage, and one followed by none is what a crash left.
///
/// Invariant: a record verifies only at the place it was written for. The seed is made from the
/// file's name, which no two segments share, so bytes of an earlier life of the same blocks
/// never pass for records, and neither do records that a client put into a value.

#include "messages/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace us {

/// 2: records of kind begin. 3: entries whose requests leave out what their changes repeat. Records
/// are never added to a segment of a former version, so that a program which knows only that one
/// refuses what it would misread.
constexpr std::uint32_t log_format_version = 3;
constexpr std::size_t record_header_bytes = 48;

enum class record_kind : std::uint8_t { entry = 1, vote = 2, truncate = 3, segment = 4, begin = 5 };

struct record {
  record_kind kind = record_kind::entry;
  std::uint64_t index = 0;
  us::epoch epoch;
  log_index commit;
  std::span<const std::byte> payload;
};

/// Where a record lies. Offsets in bytes, multiples of 8.
struct record_place {
  std::uint64_t seed = 0;  ///< of the segment
  std::uint64_t offset = 0;
  std::uint64_t group = 0;  ///< offset of the group's first record
};

constexpr std::uint64_t record_bytes(std::uint64_t payload) {
  return record_header_bytes + ((payload + 7) & ~std::uint64_t{7});
}

/// Writes record_bytes(r.payload.size()) bytes to `out`.
void encode_record(const record& r, const record_place& where, std::byte* out);

struct record_header {
  record values;  ///< without the payload
  std::uint32_t length = 0;
  std::uint64_t hash = 0;
  std::uint64_t group = 0;  ///< in bytes

  std::uint64_t total_bytes() const { return record_bytes(length); }
};

/// The header at the start of `bytes`; nullopt when it is none written for this place. Its
/// length can be trusted, the payload not yet.
std::optional<record_header> decode_header(std::span<const std::byte> bytes, std::uint64_t seed,
                                           std::uint64_t offset);

/// The whole record at the start of `bytes`; nullopt when any byte of it is wrong or missing.
/// The payload points into `bytes`.
std::optional<record_header> decode_record(std::span<const std::byte> bytes, std::uint64_t seed,
                                           std::uint64_t offset);

/// The first record of a segment carries what would be lost with the segments before it.
struct segment_header {
  std::uint64_t number = 0;        ///< 1, 2, 3, ...
  std::uint64_t previous_end = 0;  ///< where the records of segment `number - 1` end
  us::epoch vote_epoch;
  node_id vote_candidate;
  std::uint32_t version = log_format_version;
};
constexpr std::size_t segment_header_payload_bytes = 48;
constexpr std::size_t segment_header_bytes = record_header_bytes + segment_header_payload_bytes;

void encode_segment_header(const segment_header& h, std::byte* out);  ///< the payload
std::optional<segment_header> decode_segment_header(std::span<const std::byte> payload);

/// The version that a segment file claims, read without its checksum, whose place and kind a
/// later version may change; nullopt when the file does not begin as a segment.
std::optional<std::uint32_t> claimed_version(std::span<const std::byte> file_start);

}  // namespace us
