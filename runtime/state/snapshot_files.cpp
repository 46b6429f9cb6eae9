#include "runtime/state/snapshot_files.hpp"

#include "runtime/log/segment_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace us {

namespace {

constexpr std::array<std::string_view, 4> suffixes{".snapshot", ".installed", ".partial",
                                                   ".incoming"};
constexpr std::size_t digits = 16;

std::optional<std::uint64_t> parse_hexadecimal(std::string_view text) {
  std::uint64_t number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (end.ec != std::errc{} || end.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

failure corrupted_at(const std::string& path, std::uint64_t offset) {
  return {errc::corrupted,
          path + ": offset " + std::to_string(offset) + ": the snapshot is damaged or not whole"};
}

/// Goes through a snapshot's blocks; stops at the first that does not verify.
class block_reader {
 public:
  block_reader(disk& where, std::string path) : path_(std::move(path)), disk_(where) {}

  result<snapshot_id> open() {
    auto opened = disk_.open(path_, open_mode::read);
    if (!opened) return opened.error();
    file_ = std::move(*opened);
    auto size = file_->size();
    if (!size) return size.error();
    size_ = *size;
    auto head = read(0, snapshot_head_bytes);
    if (!head) return head.error();
    auto id = decode_snapshot_head(*head, path_);
    if (!id) return id.error();
    id_ = *id;
    offset_ = snapshot_head_bytes;
    return id_;
  }

  struct block {
    snapshot_block kind;
    std::string_view payload;  ///< valid until the next call
  };
  /// corrupted: no whole block lies at offset().
  result<block> next() {
    auto bytes = read(offset_, snapshot_block_head_bytes);
    if (!bytes) return bytes.error();
    const auto head = decode_block_head(*bytes);
    if (!head || offset_ + snapshot_block_head_bytes + head->length > size_)
      return corrupted_at(path_, offset_);
    auto payload = read(offset_ + snapshot_block_head_bytes, head->length);
    if (!payload) return payload.error();
    if (!verify_block(id_, *head, *payload, offset_)) return corrupted_at(path_, offset_);
    offset_ += snapshot_block_head_bytes + head->length;
    return block{head->kind, *payload};
  }

  std::uint64_t offset() const { return offset_; }
  std::uint64_t size() const { return size_; }
  const std::string& path() const { return path_; }

 private:
  result<std::string_view> read(std::uint64_t offset, std::size_t count) {
    if (buffer_.size() < count) buffer_.resize(count);
    auto into = std::as_writable_bytes(std::span{buffer_}).first(count);
    auto got = read_fully(*file_, offset, into);
    if (!got) return got.error();
    return std::string_view{buffer_}.substr(0, *got);
  }

  std::string path_;
  disk& disk_;
  std::unique_ptr<file> file_;
  std::uint64_t size_ = 0;
  std::uint64_t offset_ = 0;
  snapshot_id id_;
  std::string buffer_;
};

}  // namespace

std::string snapshot_name::text() const {
  return fmt::format("{:016x}-{:016x}{}", index.value, salt,
                     suffixes[static_cast<std::size_t>(kind)]);
}

std::optional<snapshot_name> snapshot_name::parse(std::string_view text) {
  constexpr auto stem = 2 * digits + 1;
  if (text.size() <= stem) return std::nullopt;
  const auto suffix = std::find(suffixes.begin(), suffixes.end(), text.substr(stem));
  const auto index = parse_hexadecimal(text.substr(0, digits));
  const auto salt = parse_hexadecimal(text.substr(digits + 1, digits));
  if (suffix == suffixes.end() || !index || !salt) return std::nullopt;
  snapshot_name name{{*index}, *salt, static_cast<snapshot_kind>(suffix - suffixes.begin())};
  if (name.text() != text) return std::nullopt;
  return name;
}

std::string path_in(const std::string& directory, const snapshot_name& name) {
  return directory + "/" + name.text();
}

result<std::vector<snapshot_name>> list_snapshots(disk& where, const std::string& directory) {
  auto files = where.list(directory);
  if (!files) return files.error();
  std::vector<snapshot_name> names;
  for (const auto& file : *files)
    if (auto name = snapshot_name::parse(file)) names.push_back(*name);
  std::sort(names.begin(), names.end(), [](const snapshot_name& a, const snapshot_name& b) {
    return std::pair{a.index, a.salt} > std::pair{b.index, b.salt};
  });
  return names;
}

bool names_store(disk& where, const std::string& path) {
  auto opened = where.open(path, open_mode::read);
  std::string head(snapshot_head_bytes, '\0');
  if (!opened || !read_fully(**opened, 0, std::as_writable_bytes(std::span{head}))) return false;
  return decode_snapshot_head(head, path) && get_u32(head.data() + 8) > snapshot_format_whole;
}

result<snapshot_info> read_snapshot(disk& where, const std::string& path,
                                    const snapshot_visitor& visit) {
  block_reader reader{where, path};
  auto id = reader.open();
  if (!id) return id.error();
  std::uint64_t records = 0;
  store_name store;
  std::vector<state_change> part;
  while (true) {
    const auto at = reader.offset();
    auto block = reader.next();
    if (!block) return block.error();
    switch (block->kind) {
      case snapshot_block::sessions:
        if (!visit.sessions(block->payload)) return corrupted_at(path, at);
        break;
      case snapshot_block::epochs:
        if (!visit.epochs(block->payload)) return corrupted_at(path, at);
        break;
      case snapshot_block::members:
        if (!visit.members(block->payload)) return corrupted_at(path, at);
        break;
      case snapshot_block::records: {
        part.clear();
        const bool whole = decode_records(block->payload, [&](auto key, auto value) {
          part.push_back({change_kind::put, key, value});
        });
        if (!whole || store.number != 0) return corrupted_at(path, at);
        records += part.size();
        visit.records(part);
        break;
      }
      case snapshot_block::store: {
        auto name = decode_store(block->payload);
        if (!name || records != 0) return corrupted_at(path, at);
        store = std::move(*name);
        break;
      }
      case snapshot_block::end: {
        const auto end = decode_end(block->payload);
        if (!end || end->records != records || end->complete < id->index ||
            reader.offset() != reader.size())
          return corrupted_at(path, at);
        return snapshot_info{*id, end->complete, records, reader.size(), false, std::move(store)};
      }
    }
  }
}

result<std::uint64_t> verified_prefix(disk& where, const std::string& path, const snapshot_id& id) {
  block_reader reader{where, path};
  auto found = reader.open();
  if (!found && found.error().code == errc::io_failed) return found.error();
  if (!found || *found != id) return std::uint64_t{0};
  while (true) {
    auto block = reader.next();
    if (!block && block.error().code == errc::io_failed) return block.error();
    if (!block) return reader.offset();
  }
}

}  // namespace us
