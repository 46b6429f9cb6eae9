#include "runtime/log/recovery.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace us {
namespace {

failure corrupted_at(const std::string& path, std::uint64_t offset, const std::string& what) {
  return {errc::corrupted, path + ": offset " + std::to_string(offset) + ": " + what};
}

std::uint64_t end_of_content(std::span<const std::byte> bytes) {
  // Most of a segment is zeros written ahead: whole blocks are compared with zeros, then bytes.
  static constexpr std::array<std::byte, 4096> zeros{};
  while (bytes.size() >= zeros.size() &&
         std::memcmp(bytes.last(zeros.size()).data(), zeros.data(), zeros.size()) == 0)
    bytes = bytes.first(bytes.size() - zeros.size());
  auto last =
      std::find_if(bytes.rbegin(), bytes.rend(), [](std::byte b) { return b != std::byte{}; });
  return static_cast<std::uint64_t>(bytes.rend() - last);
}

/// The valid record at `offset`, if it may stand there: in the group of the record before it, or
/// as the first of its own.
std::optional<record_header> next_record(std::span<const std::byte> bytes, std::uint64_t seed,
                                         std::uint64_t offset, std::uint64_t group) {
  auto found = decode_record(bytes.subspan(offset), seed, offset);
  if (!found) return std::nullopt;
  if (found->group != group && found->group != offset) return std::nullopt;
  if ((found->values.kind == record_kind::segment) != (offset == 0)) return std::nullopt;
  return found;
}

/// A group that begins after `end` was written only after everything before it was synced, or is
/// as readable as that.
bool later_group_follows(std::span<const std::byte> bytes, std::uint64_t seed, std::uint64_t end,
                         std::uint64_t dirty_end) {
  for (auto at = end + 8; at < dirty_end; at += 8) {
    auto found = decode_record(bytes.subspan(at), seed, at);
    if (found && found->group > end) return true;
  }
  return false;
}

status check_version(std::span<const std::byte> bytes, const std::string& path) {
  auto version = claimed_version(bytes);
  if (!version || *version <= log_format_version) return done{};
  return failure{errc::newer_format, path + ": written in log format " + std::to_string(*version) +
                                         ", this program knows up to " +
                                         std::to_string(log_format_version) +
                                         "; run the newer program"};
}

}  // namespace

result<scanned_segment> scan_segment(std::span<const std::byte> bytes, const segment_name& name,
                                     const std::string& path, const record_visitor& each,
                                     unsynced_tail left) {
  scanned_segment found;
  auto seed = name.seed();
  if (auto version = check_version(bytes, path); !version) return version.error();
  while (found.end < bytes.size()) {
    auto next = next_record(bytes, seed, found.end, found.last_group);
    if (!next) break;
    if (next->values.kind == record_kind::segment) {
      auto header = decode_segment_header(next->values.payload);
      if (!header || header->number != name.number)
        return corrupted_at(path, 0, "the segment's header belongs to another file");
      found.header = *header;
      found.used = true;
    }
    if (auto taken = each(next->values, found.end); !taken)
      return corrupted_at(path, found.end, taken.error().text);
    found.last_group = next->group;
    found.end += next->total_bytes();
  }
  found.dirty_end = std::max(found.end, end_of_content(bytes));
  if (left != unsynced_tail::lost && later_group_follows(bytes, seed, found.end, found.dirty_end))
    return corrupted_at(path, found.end,
                        "a damaged record is followed by later ones; restore this replica from "
                        "another (empty its data directory) or from a backup");
  return found;
}

}  // namespace us
