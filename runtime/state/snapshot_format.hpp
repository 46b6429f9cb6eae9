#pragma once
/// How a snapshot lies on disk and goes over the wire. Pure: bytes in, values out.
///
/// A head of 64 bytes: magic u64, version u32, zero u32, index u64, epoch u64, salt u64, check u64
/// (XXH3 of the 40 bytes before), zeros. Then blocks: length u32, kind u32, check u64 (XXH3 of the
/// payload, seeded by salt, offset, length and kind), payload. The last block is the only one of
/// kind end. Numbers are little endian.
///
/// A snapshot is fuzzy: its sessions, epochs and members are those at `index`, its records are each
/// as they were at some entry in [index, complete]. Since entries hold whole records, applying
/// those after `index` in order makes both exact, as soon as `complete` is reached.
///
/// Where the records lie on the disk by themselves (stored_records.hpp), a snapshot taken for the
/// own use has none: a block of kind store says which records belong to it, and these are as they
/// were at some entry at or after `index`.
///
/// Invariant: a block verifies only in the snapshot and at the place that it was written for.
/// Source: fuzzy snapshots as ZooKeeper takes them (Hunt et al. 2010, 4.3).

#include "messages/ids.hpp"
#include "runtime/error.hpp"
#include "runtime/state/stored_records.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace us {

constexpr std::uint32_t snapshot_format_version = 4;  // 2: epochs, 3: members, 4: store
/// Of a snapshot that has its records: what programs that know no store can read.
constexpr std::uint32_t snapshot_format_whole = 3;
constexpr std::size_t snapshot_head_bytes = 64;
constexpr std::size_t snapshot_block_head_bytes = 16;

/// Two snapshots of the same index differ, so each has a number of its own.
struct snapshot_id {
  log_index index;  ///< every entry up to here is in it
  us::epoch epoch;  ///< of that entry
  std::uint64_t salt = 0;
  friend constexpr auto operator<=>(const snapshot_id&, const snapshot_id&) = default;
};

enum class snapshot_block : std::uint32_t {
  sessions = 1,
  records = 2,
  end = 3,
  epochs = 4,
  members = 5,
  store = 6
};

struct snapshot_end {
  log_index complete;
  std::uint64_t records = 0;
};

void put_u32(std::string& to, std::uint32_t number);
void put_u64(std::string& to, std::uint64_t number);
std::uint32_t get_u32(const char* from);
std::uint64_t get_u64(const char* from);

void encode_snapshot_head(const snapshot_id& id, std::string& to,
                          std::uint32_t version = snapshot_format_whole);
/// `path` is named in the error: corrupted or newer_format.
result<snapshot_id> decode_snapshot_head(std::string_view bytes, const std::string& path);

/// Leaves room for a block's head; what is then added to `to` is its payload.
std::size_t begin_block(std::string& to);
/// Ends the block that begins at `begun` in `to`, which lies at `offset` in the snapshot.
void end_block(const snapshot_id& id, snapshot_block kind, std::string& to, std::size_t begun,
               std::uint64_t offset);

struct snapshot_block_head {
  std::uint32_t length = 0;
  snapshot_block kind = snapshot_block::end;
  std::uint64_t check = 0;
};
/// Not verified yet: its length is only to be trusted as far as there are bytes.
std::optional<snapshot_block_head> decode_block_head(std::string_view bytes);
bool verify_block(const snapshot_id& id, const snapshot_block_head& head, std::string_view payload,
                  std::uint64_t offset);

void encode_record(std::string_view key, std::string_view value, std::string& to);
/// Calls each(key, value) for the records of a block; false: they are not well formed.
template <class Each>
[[nodiscard]] bool decode_records(std::string_view payload, Each&& each) {
  while (!payload.empty()) {
    if (payload.size() < 8) return false;
    const std::uint64_t key = get_u32(payload.data());
    const std::uint64_t value = get_u32(payload.data() + 4);
    payload.remove_prefix(8);
    if (key + value > payload.size()) return false;
    each(payload.substr(0, key), payload.substr(key, value));
    payload.remove_prefix(key + value);
  }
  return true;
}

void encode_store(const store_name& name, std::string& to);
std::optional<store_name> decode_store(std::string_view payload);

void encode_end(const snapshot_end& end, std::string& to);
std::optional<snapshot_end> decode_end(std::string_view payload);

/// Of a part of a snapshot on its way to another node.
std::uint64_t chunk_check(const snapshot_id& id, std::uint64_t offset, std::string_view bytes);

}  // namespace us
