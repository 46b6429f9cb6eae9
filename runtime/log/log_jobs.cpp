#include "runtime/log/log_jobs.hpp"

#include "runtime/ensure.hpp"
#include "runtime/mutants.hpp"

#include <algorithm>
#include <map>
#include <new>

namespace us {
namespace {

constexpr std::size_t kept_buffer_bytes = 8u << 20;  // a larger one is given back after use

failure out_of_memory(const std::string& directory) {
  return {errc::io_failed, directory + ": no memory for the log's buffers"};
}

record to_record(const pending_record& from) {
  record r{from.kind, from.index, from.epoch, from.commit, {}};
  if (from.bytes) r.payload = std::as_bytes(std::span{*from.bytes});
  return r;
}

status synced(log_files& files, file& target) {
  if (mutant(bug::sync_skipped)) return done{};
  if (!mutant(bug::sync_error_ignored)) return files.sync(target);
  (void)target.sync();
  return done{};
}

}  // namespace

log_entry to_entry(const record& r) {
  const auto* bytes = reinterpret_cast<const char*>(r.payload.data());
  return {{r.index}, r.epoch, std::make_shared<const std::string>(bytes, r.payload.size())};
}

std::shared_ptr<log_files> own_directory(std::shared_ptr<disk> where, std::string directory) {
  // One entry per directory in use in this process: a node's own log, or in a simulation that
  // of each node. An entry's disk lives as long as its log_files, so the pointer is unambiguous.
  static std::mutex mutex;
  static std::map<std::pair<const disk*, std::string>, std::weak_ptr<log_files>> owned;
  std::lock_guard lock{mutex};
  std::erase_if(owned, [](const auto& entry) { return entry.second.expired(); });
  auto& slot = owned[{where.get(), directory}];
  if (auto former = slot.lock()) {
    former->writing.close();
    former->syncing.close();
    former->preparing.close();
  }
  auto files = std::make_shared<log_files>();
  files->where = std::move(where);
  files->directory = std::move(directory);
  slot = files;
  return files;
}

void write_job::run() noexcept {
  try {
    encode();
    outcome = files->writing.enter([this] { return write(); });
    if (buffer_.size() > kept_buffer_bytes) buffer_ = {};
  } catch (const std::bad_alloc&) {
    outcome = out_of_memory(files->directory);
  }
}

status write_job::write() {
  if (former && !mutant(bug::former_segment_not_synced))
    if (auto synced = files->sync(*former); !synced) return synced;
  auto group = std::span{buffer_}.first(static_cast<std::size_t>(bytes));
  auto written = target->write_at(offset, group);
  if (!written && !mutant(bug::write_error_ignored)) return written;
  return sync ? synced(*files, *target) : done{};
}

void sync_job::run() noexcept {
  outcome = synced(*files, *target);
}

void write_job::encode() {
  if (buffer_.size() < bytes) buffer_.resize(static_cast<std::size_t>(bytes));
  std::uint64_t at = 0;
  for (const auto& waiting : records) {
    auto r = to_record(waiting);
    std::byte head[segment_header_payload_bytes];
    if (waiting.kind == record_kind::segment) {
      encode_segment_header(*header, head);
      r.payload = head;
    }
    encode_record(r, {seed, offset + at, offset}, buffer_.data() + at);
    at += record_bytes(r.payload.size());
  }
}

void prepare_job::run() noexcept {
  try {
    outcome = files->preparing.enter([this]() -> status {
      if (segment.handle) return extend_segment(segment, bytes, how);
      auto made = make_segment(*files->where, files->directory, segment.name, bytes, how);
      if (!made) return made.error();
      segment = std::move(*made);
      return done{};
    });
  } catch (const std::bad_alloc&) {
    outcome = out_of_memory(files->directory);
  }
}

void remove_job::run() noexcept {
  (void)files->preparing.enter([this]() -> status {
    while (!names.empty()) {
      auto removed = files->where->remove(path_in(files->directory, names.front()));
      if (!removed && removed.error().code != errc::not_found) return removed;
      names.erase(names.begin());
      if (auto synced = files->where->sync_directory(files->directory); !synced) return synced;
    }
    return done{};
  });
}

void read_job::run() noexcept {
  try {
    outcome = read();
  } catch (const std::bad_alloc&) {
    outcome = out_of_memory(files->directory);
  }
}

result<std::vector<log_entry>> read_job::read() const {
  auto opened = files->where->open(path_in(files->directory, segment), open_mode::read);
  if (!opened) return opened.error();
  // All but the payload of the last entry, whose length is not known before it is read.
  auto start = offsets.front();
  std::vector<std::byte> window(static_cast<std::size_t>(offsets.back() - start) +
                                record_header_bytes);
  auto count = read_fully(**opened, start, window);
  if (!count) return count.error();
  window.resize(*count);
  std::vector<log_entry> entries;
  std::uint64_t total = 0;
  for (auto offset : offsets) {
    auto rest = std::span<const std::byte>{window};
    rest = rest.subspan(static_cast<std::size_t>(std::min<std::uint64_t>(offset - start, *count)));
    auto header = decode_header(rest, segment.seed(), offset);
    if (!header) return damaged(offset);
    total += header->length;
    if (total > bytes_max && !entries.empty()) break;
    auto entry = read_entry(**opened, rest, *header, offset);
    if (!entry) return entry.error();
    if (entry->index.value != first.value + entries.size()) return damaged(offset);
    entries.push_back(std::move(*entry));
  }
  return entries;
}

result<log_entry> read_job::read_entry(file& from, std::span<const std::byte> bytes,
                                       const record_header& header, std::uint64_t offset) const {
  std::vector<std::byte> whole;
  if (header.total_bytes() > bytes.size()) {
    whole.resize(static_cast<std::size_t>(header.total_bytes()));
    auto count = read_fully(from, offset, whole);
    if (!count) return count.error();
    bytes = std::span<const std::byte>{whole}.first(*count);
  }
  auto found = decode_record(bytes, segment.seed(), offset);
  if (!found || found->values.kind != record_kind::entry) return damaged(offset);
  return to_entry(found->values);
}

failure read_job::damaged(std::uint64_t offset) const {
  return {errc::corrupted, path_in(files->directory, segment) + ": offset " +
                               std::to_string(offset) +
                               ": an entry is damaged; restore this "
                               "replica from another (empty its data directory) or from a backup"};
}

}  // namespace us
