#include "actors/leader_follower/partition_files.hpp"

#include "runtime/log/segment_files.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace us {

namespace {

std::string partitions_directory(const std::string& service) {
  return service + "/partitions";
}

std::string count_file(const std::string& service) {
  return partitions_directory(service) + "/count";
}

std::string shown(std::uint32_t count) {
  return count == 1 ? "1 partition" : std::to_string(count) + " partitions";
}

/// Before version 2 the file held the number alone.
constexpr std::uint32_t format_version = 2;
constexpr std::string_view format_word = "understudy partitions, format ";

failure damaged(const std::string& path) {
  return {errc::corrupted, path + ": is damaged; it has to hold the number of partitions"};
}

/// The number that a line begins with, which is then taken from `text`; nullopt: it is no such
/// line.
std::optional<std::uint32_t> take_line(std::string_view& text) {
  std::uint32_t number = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (wrong != std::errc{} || end == text.data() + text.size() || *end != '\n') return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end + 1 - text.data()));
  return number;
}

result<std::uint32_t> decode_count(std::string_view text, const std::string& path) {
  if (text.starts_with(format_word)) {
    text.remove_prefix(format_word.size());
    const auto version = take_line(text);
    if (!version || *version < 2) return damaged(path);
    if (*version > format_version)
      return failure{errc::newer_format, path + ": written in format " + std::to_string(*version) +
                                             ", this program knows up to " +
                                             std::to_string(format_version) +
                                             "; run the newer program"};
  }
  const auto count = take_line(text);
  if (!count || !text.empty() || *count < 2 || *count > partitions_max) return damaged(path);
  return *count;
}

/// nullopt: there is no such file.
result<std::optional<std::uint32_t>> read_count(disk& where, const std::string& path) {
  auto opened = where.open(path, open_mode::read);
  if (!opened && opened.error().code == errc::not_found) return std::optional<std::uint32_t>{};
  if (!opened) return opened.error();
  std::string text(64, '\0');
  auto got = (*opened)->read_at(0, std::as_writable_bytes(std::span{text}));
  if (!got) return got.error();
  text.resize(*got);
  auto count = decode_count(text, path);
  if (!count) return count.error();
  return std::optional{*count};
}

status write_count(disk& where, const std::string& service, std::uint32_t count) {
  if (auto made = make_log_directory(where, partitions_directory(service)); !made) return made;
  const auto path = count_file(service);
  const auto temporary = path + ".new";
  auto opened = where.open(temporary, open_mode::create);
  if (!opened) return opened.error();
  if (auto cut = (*opened)->truncate(0); !cut) return cut;
  const auto text = std::string{format_word} + std::to_string(format_version) + "\n" +
                    std::to_string(count) + "\n";
  if (auto put = (*opened)->write_at(0, std::as_bytes(std::span{text})); !put) return put;
  if (auto synced = (*opened)->sync(); !synced) return synced;
  if (auto renamed = where.rename(temporary, path); !renamed) return renamed;
  return where.sync_directory(partitions_directory(service));
}

result<bool> exists(disk& where, const std::string& path) {
  auto opened = where.open(path, open_mode::read);
  if (opened) return true;
  if (opened.error().code == errc::not_found) return false;
  return opened.error();
}

/// 0: it has no data.
result<std::uint32_t> claimed(disk& where, const std::string& service) {
  auto read = read_count(where, count_file(service));
  if (!read) return read.error();
  if (*read) return **read;
  auto standing = exists(where, service + "/standing");
  if (!standing) return standing.error();
  auto log = where.list(service + "/log");
  if (!log) return log.error();
  return *standing || !log->empty() ? 1u : 0u;
}

}  // namespace

std::string log_directory(const std::string& service, const partition_id& of) {
  if (of.only()) return service + "/log";
  return partitions_directory(service) + "/" + std::to_string(of.index) + "/log";
}

result<std::vector<std::string>> loss_directories(disk& where, const std::string& service) {
  auto read = read_count(where, count_file(service));
  if (!read) return read.error();
  if (!*read) return std::vector<std::string>{service + "/losses"};
  std::vector<std::string> all;
  for (std::uint32_t i = 0; i < **read; ++i)
    all.push_back(partitions_directory(service) + "/" + std::to_string(i) + "/losses");
  return all;
}

status claim_partitions(disk& where, const std::string& service, std::uint32_t count) {
  auto was = claimed(where, service);
  if (!was) return was.error();
  if (*was == count) return done{};
  if (*was != 0)
    return failure{errc::invalid_config, "the data directory holds " + service + " in " +
                                             shown(*was) + ", and the configuration has " +
                                             std::to_string(count) +
                                             ": the number never changes; set service." + service +
                                             ".partitions = " + std::to_string(*was) +
                                             ", or begin with empty data directories on all nodes"};
  return count == 1 ? status{done{}} : write_count(where, service, count);
}

group_limits share_of(group_limits all, std::uint32_t partitions) {
  if (partitions <= 1) return all;
  const auto share = [partitions](auto whole, std::uint64_t least) {
    return static_cast<decltype(whole)>(
        std::max<std::uint64_t>(whole / partitions, std::min<std::uint64_t>(whole, least)));
  };
  all.log.segment_bytes = share(all.log.segment_bytes, 64u << 10);
  all.log.cache_bytes = share(all.log.cache_bytes, 256u << 10);
  all.snapshot_bytes = share(all.snapshot_bytes, 64u << 10);
  all.retain.bytes = share(all.retain.bytes, 0);
  all.losses_bytes = share(all.losses_bytes, 64u << 10);
  all.uncommitted_bytes = share(all.uncommitted_bytes, 8u << 20);
  return all;
}

}  // namespace us
