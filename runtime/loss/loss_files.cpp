#include "runtime/loss/loss_files.hpp"

#include "runtime/log/segment_files.hpp"
#include "runtime/mutants.hpp"
#include "runtime/state/snapshot_format.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace us {

namespace {

constexpr std::uint64_t magic = 0x53534f4c53444e55;  // "UNDSLOSS"
constexpr std::uint32_t format_version = 1;
constexpr std::size_t head_bytes = 48;
constexpr std::size_t record_head_bytes = 16;
constexpr std::uint64_t spread = 0x9e3779b97f4a7c15;

struct head {
  std::uint64_t number = 0;
  std::uint64_t first = 1;
  std::uint64_t dropped = 0;
};

std::string_view suffix_of(loss_file_kind kind) {
  return kind == loss_file_kind::losses ? ".losses" : ".replays";
}

std::string path_of(const std::string& directory, std::uint64_t number, loss_file_kind kind) {
  return fmt::format("{}/{:016x}{}", directory, number, suffix_of(kind));
}

std::optional<std::uint64_t> parse(std::string_view name, loss_file_kind kind) {
  constexpr std::size_t digits = 16;
  if (name.size() < digits || name.substr(digits) != suffix_of(kind)) return std::nullopt;
  std::uint64_t number = 0;
  const auto end = std::from_chars(name.data(), name.data() + digits, number, 16);
  if (end.ec != std::errc{} || end.ptr != name.data() + digits) return std::nullopt;
  return number;
}

std::string encode_head(const head& h) {
  std::string bytes;
  put_u64(bytes, magic);
  put_u32(bytes, format_version);
  put_u32(bytes, 0);
  put_u64(bytes, h.number);
  put_u64(bytes, h.first);
  put_u64(bytes, h.dropped);
  put_u64(bytes, XXH3_64bits(bytes.data(), bytes.size()));
  return bytes;
}

std::uint64_t check_of(std::string_view payload, std::uint64_t number, std::uint64_t offset) {
  return XXH3_64bits_withSeed(payload.data(), payload.size(), number * spread ^ offset);
}

/// One file in memory.
struct contents {
  std::optional<us::head> head;  ///< nullopt: damaged, or a crash left it so
  std::string bytes;
};

result<contents> read_file(disk& where, const std::string& path, std::uint64_t number) {
  auto opened = where.open(path, open_mode::read);
  if (!opened) return opened.error();
  auto size = (*opened)->size();
  if (!size) return size.error();
  contents found;
  found.bytes.resize(static_cast<std::size_t>(*size));
  auto got = read_fully(**opened, 0, std::as_writable_bytes(std::span{found.bytes}));
  if (!got) return got.error();
  found.bytes.resize(*got);
  const auto* at = found.bytes.data();
  if (found.bytes.size() < head_bytes || get_u64(at) != magic) return found;
  if (const auto version = get_u32(at + 8); version > format_version)
    return failure{errc::newer_format, path + ": written in format " + std::to_string(version) +
                                           ", this program knows up to " +
                                           std::to_string(format_version) +
                                           "; run the newer program"};
  if (XXH3_64bits(at, head_bytes - 8) != get_u64(at + head_bytes - 8)) return found;
  const head h{get_u64(at + 16), get_u64(at + 24), get_u64(at + 32)};
  if (h.number == number) found.head = h;
  return found;
}

/// Returns how many bytes at the end do not verify.
std::uint64_t visit_records(const contents& file, const loss_visitor& visit) {
  if (!file.head) return file.bytes.size();
  std::size_t at = head_bytes;
  while (at < file.bytes.size()) {
    const auto rest = std::string_view{file.bytes}.substr(at);
    if (rest.size() < record_head_bytes) return rest.size();
    const std::size_t length = get_u32(rest.data());
    if (length > rest.size() - record_head_bytes) return rest.size();
    const auto payload = rest.substr(record_head_bytes, length);
    const bool whole = get_u64(rest.data() + 8) == check_of(payload, file.head->number, at);
    if (!whole || !decode_loss_entry(payload, visit)) return rest.size();
    at += record_head_bytes + length;
  }
  return 0;
}

result<std::vector<std::uint64_t>> numbers_in(disk& where, const std::string& directory,
                                              loss_file_kind kind) {
  auto names = where.list(directory);
  if (!names) return names.error();
  std::vector<std::uint64_t> numbers;
  for (const auto& name : *names)
    if (auto number = parse(name, kind)) numbers.push_back(*number);
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

status read_kind(disk& where, const std::string& directory, loss_file_kind kind,
                 const loss_visitor& visit, loss_files_seen& seen) {
  auto numbers = numbers_in(where, directory, kind);
  if (!numbers) return numbers.error();
  std::vector<contents> files;
  std::uint64_t first = 0;
  std::uint64_t dropped = 0;
  for (const auto number : *numbers) {
    auto file = read_file(where, path_of(directory, number, kind), number);
    if (!file && file.error().code == errc::not_found) continue;  // dropped while this reads
    if (!file) return file.error();
    if (file->head) first = std::max(first, file->head->first);
    if (file->head) dropped = std::max(dropped, file->head->dropped);
    files.push_back(std::move(*file));
  }
  for (const auto& file : files)
    if (!file.head || file.head->number >= first) seen.unreadable += visit_records(file, visit);
  seen.dropped += dropped;
  return done{};
}

}  // namespace

result<loss_files_seen> read_loss_files(disk& where, const std::string& directory,
                                        const loss_visitor& visit) {
  loss_files_seen seen;
  for (const auto kind : {loss_file_kind::losses, loss_file_kind::replays})
    if (auto read = read_kind(where, directory, kind, visit, seen); !read) return read.error();
  return seen;
}

/// Writes what verifies once more: the disk may have failed to sync it, and would not try again.
status loss_writer::keep(std::uint64_t number) {
  const auto path = path_of(directory_, number, kind_);
  auto found = read_file(*where_, path, number);
  if (!found) return found.error();
  if (!found->head) return done{};
  const auto left = visit_records(*found, {[](const loss&) {}, [](const loss_mark&) {}});
  const auto verified = std::string_view{found->bytes}.substr(0, found->bytes.size() - left);
  auto opened = where_->open(path, open_mode::read_write);
  if (!opened) return opened.error();
  if (auto put = (*opened)->write_at(0, std::as_bytes(std::span{verified})); !put) return put;
  return (*opened)->sync();
}

status loss_writer::open() {
  auto numbers = numbers_in(*where_, directory_, kind_);
  if (!numbers) return numbers.error();
  if (numbers->empty() || mutant(bug::unsynced_journal_trusted)) return done{};
  return keep(numbers->back());
}

status loss_writer::look() {
  if (looked_) return done{};
  if (auto made = make_log_directory(*where_, directory_); !made) return made;
  auto numbers = numbers_in(*where_, directory_, kind_);
  if (!numbers) return numbers.error();
  older_.clear();
  older_bytes_ = 0;
  for (const auto number : *numbers) {
    auto file = read_file(*where_, path_of(directory_, number, kind_), number);
    if (!file) return file.error();
    older_.push_back({number, file->bytes.size()});
    older_bytes_ += file->bytes.size();
    number_ = std::max(number_, number);
    if (!file->head) continue;
    first_ = std::max(first_, file->head->first);
    dropped_ = std::max(dropped_, file->head->dropped);
  }
  looked_ = true;
  return done{};
}

/// Notes how many losses go with the oldest files; they are deleted once that is durable.
status loss_writer::drop_oldest() {
  while (!older_.empty() && older_bytes_ > bytes_max_ / 2) {
    const auto number = older_.front().number;
    if (number >= first_) {
      auto file = read_file(*where_, path_of(directory_, number, kind_), number);
      if (!file) return file.error();
      (void)visit_records(*file, {[this](const loss&) { ++dropped_; }, [](const loss_mark&) {}});
      first_ = number + 1;
    }
    older_bytes_ -= older_.front().bytes;
    older_.erase(older_.begin());
  }
  return done{};
}

status loss_writer::begin_file() {
  if (auto looked = look(); !looked) return looked;
  if (current_) {
    older_.push_back({number_, end_});
    older_bytes_ += end_;
    current_.reset();
  }
  if (failed_)
    if (auto kept = keep(number_); !kept) return kept;
  failed_ = false;
  if (auto dropped = drop_oldest(); !dropped) return dropped;
  ++number_;
  auto opened = where_->open(path_of(directory_, number_, kind_), open_mode::create);
  if (!opened) return opened.error();
  const auto bytes = encode_head({number_, first_, dropped_});
  auto put = (*opened)->write_at(0, std::as_bytes(std::span{bytes}));
  if (put) put = (*opened)->sync();
  if (put) put = where_->sync_directory(directory_);
  if (!put) {
    (void)where_->remove(path_of(directory_, number_, kind_));
    return put;
  }
  current_ = std::move(*opened);
  end_ = bytes.size();
  auto numbers = numbers_in(*where_, directory_, kind_);
  if (!numbers) return numbers.error();
  for (const auto number : *numbers)
    if (number < first_)
      if (auto removed = where_->remove(path_of(directory_, number, kind_)); !removed)
        return removed;
  return done{};
}

status loss_writer::append(std::span<const std::string> entries) {
  if (entries.empty()) return done{};
  if (!current_ || end_ > bytes_max_ / 4)
    if (auto begun = begin_file(); !begun) return begun;
  auto written = write(entries);
  // Never behind what may be torn, or synced in part.
  if (!written) {
    // What is whole of it would be there twice: it is asked for again once there is space. Where
    // this fails it is, and readers take it once.
    if (written.error().code == errc::disk_full) (void)current_->truncate(end_);
    older_.push_back({number_, end_});
    older_bytes_ += end_;
    current_.reset();
    failed_ = true;
  }
  return written;
}

status loss_writer::write(std::span<const std::string> entries) {
  std::string bytes;
  for (const auto& entry : entries) {
    const auto offset = end_ + bytes.size();
    put_u32(bytes, static_cast<std::uint32_t>(entry.size()));
    put_u32(bytes, 0);
    put_u64(bytes, check_of(entry, number_, offset));
    bytes += entry;
  }
  if (auto put = current_->write_at(end_, std::as_bytes(std::span{bytes})); !put) return put;
  if (auto synced = current_->sync(); !synced) return synced;
  end_ += bytes.size();
  return done{};
}

}  // namespace us
