#pragma once
/// The files of a change log: their names, and making room in them ahead of use.
///
/// A segment is made by writing zeros over all of it and syncing them, so that later writes
/// change no metadata (a third more synced writes a second than appending) and find their
/// space reserved. Blocking: for jobs of the executor and for opening.
/// Errors: as the disk port's; disk_full leaves no half-made file behind.

#include "runtime/ports/disk.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace us {

/// "<number>-<salt>.log", both as 16 hexadecimal digits. The salt keeps two files that had the
/// same number at different times apart.
struct segment_name {
  std::uint64_t number = 0;
  std::uint64_t salt = 0;

  std::string text() const;
  /// Seeds the checksums of the file's records.
  std::uint64_t seed() const;
  static std::optional<segment_name> parse(std::string_view text);
};

std::string path_in(const std::string& directory, const segment_name& name);

/// A segment that is open for writing. `capacity`: bytes from its start that are reserved.
struct segment_file {
  segment_name name;
  std::shared_ptr<us::file> handle;
  std::uint64_t capacity = 0;
  std::uint64_t seed = name.seed();  ///< of its records' checks
};

/// The segments of a directory by number; files of other names are left alone.
result<std::vector<segment_name>> list_segments(disk& where, const std::string& directory);

/// Makes the directory and those it lies in, durably.
status make_log_directory(disk& where, const std::string& directory);

/// How a segment's space is reserved: written with zeros, which makes every sync of what is written
/// there later cheaper, as the file system has nothing to note; or taken only, which costs no
/// writing.
enum class reservation : unsigned char { zeroed, taken };

/// Makes and reserves a segment; its name is durable on return.
result<segment_file> make_segment(disk& where, const std::string& directory,
                                  const segment_name& name, std::uint64_t bytes, reservation how);
/// Reserves more space in a segment that holds no record yet.
status extend_segment(segment_file& segment, std::uint64_t bytes, reservation how);

/// Writes zeros over [from, to), without a sync.
status write_zeros(file& into, std::uint64_t from, std::uint64_t to);

/// Reads `into.size()` bytes or up to the end of the file, whatever the port returns at a time.
result<std::size_t> read_fully(file& from, std::uint64_t offset, std::span<std::byte> into);

}  // namespace us
