#pragma once
/// Reads a change log's directory: which records are valid, what the log holds, what a
/// crash left behind. Blocking.
///
/// scan_log only reads. repair_log then makes the directory what scan_log saw: it writes the
/// newest group once more and syncs it (a process that was killed before its sync, or whose sync
/// failed, leaves bytes that can be read but may never reach the disk), zeros what a torn
/// write left after it, and removes segments that hold nothing.
/// Errors: corrupted names file and offset of the first byte that cannot be trusted;
/// newer_format; what the disk reports. A bad record is a torn tail, and cut, only when no later
/// group follows it; damage in the newest group itself cannot be told from a torn write. Of what
/// was not synced when the power was lost, any group may be the last that is whole. What is to be
/// cut was read twice (open_log.cpp), and what is written back is checked: a read that errs once
/// destroys nothing.

#include "runtime/log/change_log.hpp"
#include "runtime/log/entry_index.hpp"
#include "runtime/log/record_format.hpp"
#include "runtime/log/segment_files.hpp"

#include <functional>
#include <memory>

namespace us {

/// What one segment's bytes hold.
struct scanned_segment {
  bool used = false;  ///< it has a valid header record
  segment_header header;
  std::uint64_t end = 0;         ///< of its last valid record
  std::uint64_t last_group = 0;  ///< where the newest valid group begins
  std::uint64_t dirty_end = 0;   ///< after it there are only zeros; more than `end`: a torn tail
};

/// Called with each valid record, the header's first, and its offset in the file.
using record_visitor = std::function<status(const record&, std::uint64_t offset)>;

result<scanned_segment> scan_segment(std::span<const std::byte> bytes, const segment_name& name,
                                     const std::string& path, const record_visitor& each,
                                     unsynced_tail left = unsynced_tail::none);

struct recovered_segment {
  segment_name name;
  std::uint64_t size = 0;
  scanned_segment content;
};

struct recovered_log {
  entry_epochs epochs;
  entry_places places;
  us::vote vote{};
  log_index commit;
  std::vector<recovered_segment> segments;  ///< by number, without gaps
  std::vector<segment_name> unused;
  bool torn = false;  ///< bytes that are no record follow the last one of some segment
};

result<recovered_log> scan_log(disk& where, const std::string& directory,
                               unsynced_tail left = unsynced_tail::none);
/// `left` cached: all of the newest segment is written and synced once more.
status repair_log(disk& where, const std::string& directory, const recovered_log& log,
                  unsynced_tail left = unsynced_tail::none);

/// Bytes of a file, as many as there were.
class file_bytes {
 public:
  explicit file_bytes(std::size_t size)
      : data_(std::make_unique_for_overwrite<std::byte[]>(size)), size_(size) {}
  std::span<std::byte> all() { return {data_.get(), size_}; }
  std::span<const std::byte> view() const { return {data_.get(), size_}; }
  void shorten(std::size_t size) { size_ = size; }

 private:
  std::unique_ptr<std::byte[]> data_;
  std::size_t size_;
};

constexpr std::uint64_t to_its_end = UINT64_MAX;
/// What lies in [from, to) of the file.
result<file_bytes> read_segment(disk& where, const std::string& path, std::uint64_t from = 0,
                                std::uint64_t to = to_its_end);

}  // namespace us
