#include "runtime/log/segment_files.hpp"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace us {
namespace {

constexpr std::string_view suffix = ".log";
constexpr std::size_t digits = 16;
constexpr std::size_t zeros_at_once = 256u << 10;
constexpr std::uint64_t synced_at_once = 1u << 20;

std::string hexadecimal(std::uint64_t number) {
  std::array<char, digits> text{};
  auto end = std::to_chars(text.data(), text.data() + digits, number, 16).ptr;
  std::string result(digits, '0');
  auto length = static_cast<std::size_t>(end - text.data());
  std::copy_n(text.data(), length, result.begin() + static_cast<std::ptrdiff_t>(digits - length));
  return result;
}

std::optional<std::uint64_t> parse_hexadecimal(std::string_view text) {
  std::uint64_t number = 0;
  auto end = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (end.ec != std::errc{} || end.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

/// "": the root of the disk.
std::string parent_of(const std::string& directory) {
  auto slash = directory.rfind('/');
  return slash == std::string::npos ? std::string{} : directory.substr(0, slash);
}

/// Syncs after each part: one sync of a whole segment would keep the log's own, which clients
/// wait for, behind it for milliseconds.
status reserve(file& handle, std::uint64_t from, std::uint64_t to, reservation how) {
  if (how == reservation::taken) {
    auto taken = handle.reserve(to);
    return taken ? handle.sync() : taken;
  }
  while (from < to) {
    auto part = std::min(to - from, synced_at_once);
    if (auto written = write_zeros(handle, from, from + part); !written) return written;
    if (auto synced = handle.sync(); !synced) return synced;
    from += part;
  }
  return done{};
}

}  // namespace

std::string segment_name::text() const {
  return hexadecimal(number) + "-" + hexadecimal(salt) + std::string{suffix};
}

std::uint64_t segment_name::seed() const {
  auto name = text();
  return XXH3_64bits(name.data(), name.size());
}

std::optional<segment_name> segment_name::parse(std::string_view text) {
  if (text.size() != 2 * digits + 1 + suffix.size() || text[digits] != '-' ||
      !text.ends_with(suffix))
    return std::nullopt;
  auto number = parse_hexadecimal(text.substr(0, digits));
  auto salt = parse_hexadecimal(text.substr(digits + 1, digits));
  if (!number || !salt || *number == 0) return std::nullopt;
  segment_name name{*number, *salt};
  if (name.text() != text) return std::nullopt;  // capitals: another file
  return name;
}

std::string path_in(const std::string& directory, const segment_name& name) {
  return directory + "/" + name.text();
}

result<std::vector<segment_name>> list_segments(disk& where, const std::string& directory) {
  auto files = where.list(directory);
  if (!files) return files.error();
  std::vector<segment_name> names;
  for (const auto& file : *files)
    if (auto name = segment_name::parse(file)) names.push_back(*name);
  std::sort(names.begin(), names.end(), [](const segment_name& a, const segment_name& b) {
    return std::pair{a.number, a.salt} < std::pair{b.number, b.salt};
  });
  return names;
}

status make_log_directory(disk& where, const std::string& directory) {
  auto parent = parent_of(directory);
  if (!parent.empty())
    if (auto made = make_log_directory(where, parent); !made) return made;
  if (auto made = where.make_directory(directory); !made) return made;
  return where.sync_directory(parent);
}

result<segment_file> make_segment(disk& where, const std::string& directory,
                                  const segment_name& name, std::uint64_t bytes, reservation how) {
  auto path = path_in(directory, name);
  auto opened = where.open(path, open_mode::create);
  if (!opened) return opened.error();
  auto made = reserve(**opened, 0, bytes, how);
  if (made) made = where.sync_directory(directory);
  if (!made) {
    // Gives back what it took of a full disk. When even this fails, the next opening does it.
    [[maybe_unused]] auto removed = where.remove(path);
    return made.error();
  }
  return segment_file{name, std::shared_ptr<us::file>{std::move(*opened)}, bytes};
}

status extend_segment(segment_file& segment, std::uint64_t bytes, reservation how) {
  if (bytes <= segment.capacity) return done{};
  auto extended = reserve(*segment.handle, segment.capacity, bytes, how);
  if (extended) segment.capacity = bytes;
  return extended;
}

status write_zeros(file& into, std::uint64_t from, std::uint64_t to) {
  static const std::vector<std::byte> zeros(zeros_at_once);
  while (from < to) {
    auto count = std::min<std::uint64_t>(zeros.size(), to - from);
    auto written = into.write_at(from, std::span{zeros}.first(static_cast<std::size_t>(count)));
    if (!written) return written;
    from += count;
  }
  return done{};
}

result<std::size_t> read_fully(file& from, std::uint64_t offset, std::span<std::byte> into) {
  std::size_t have = 0;
  while (have < into.size()) {
    auto count = from.read_at(offset + have, into.subspan(have));
    if (!count) return count.error();
    if (*count == 0) break;
    have += *count;
  }
  return have;
}

}  // namespace us
