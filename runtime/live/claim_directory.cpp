#include "runtime/live/live_disk.hpp"

#include <algorithm>
#include <string_view>

namespace us {

namespace {

constexpr std::string_view format_line = "understudy data directory, format 1\n";
constexpr std::string_view format_word = "understudy data directory, format ";

std::string identity_text(const std::string& cluster, const std::string& node) {
  std::string text{format_line};
  text.append("cluster ").append(cluster).append("\nnode ").append(node).append("\n");
  return text;
}

failure foreign(const live_disk& where, const std::string& found, const std::string& expected) {
  return {errc::wrong_owner, "data directory " + where.directory() + " " + found +
                                 ", but " + expected +
                                 " wants to use it; name another with 'data', or move it away"};
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

// What a file system or an interrupted claim leaves in a directory that is still free.
bool harmless(const std::string& name) {
  return name == "lock" || name == "identity.new" || name == "lost+found";
}

status write_identity(live_disk& where, const std::string& text) {
  auto opened = where.open("identity.new", open_mode::create);
  if (!opened) return opened.error();
  auto& fresh = **opened;
  if (auto cut = fresh.truncate(0); !cut) return cut;
  if (auto written = fresh.write_at(0, bytes_of(text)); !written) return written;
  if (auto synced = fresh.sync(); !synced) return synced;
  if (auto renamed = where.rename("identity.new", "identity"); !renamed) return renamed;
  return where.sync_directory("");
}

result<std::string> read_all(file& from) {
  std::string text(4096, '\0');
  auto got = from.read_at(0, std::as_writable_bytes(std::span{text}));
  if (!got) return got.error();
  text.resize(*got);
  return text;
}

// The rest of the line that begins with `word`.
std::string field(std::string_view text, std::string_view word) {
  auto at = text.find(word);
  if (at == std::string_view::npos) return {};
  auto rest = text.substr(at + word.size());
  return std::string{rest.substr(0, rest.find('\n'))};
}

status check_identity(const live_disk& where, const std::string& text, const std::string& expected,
                      const std::string& who) {
  if (text == expected) return done{};
  if (!text.starts_with(format_word)) return foreign(where, "has an unreadable identity", who);
  if (!text.starts_with(format_line))
    return failure{errc::newer_format, "data directory " + where.directory() +
                                           " was written by a newer version; run that one"};
  auto found = "belongs to node " + field(text, "\nnode ") + " of cluster " +
               field(text, "\ncluster ");
  return foreign(where, found, who);
}

}  // namespace

status claim_directory(live_disk& where, const std::string& cluster, const std::string& node) {
  auto expected = identity_text(cluster, node);
  auto who = "node " + node + " of cluster " + cluster;
  auto opened = where.open("identity", open_mode::read);
  if (opened) {
    auto text = read_all(**opened);
    if (!text) return text.error();
    return check_identity(where, *text, expected, who);
  }
  if (opened.error().code != errc::not_found) return opened.error();
  auto names = where.list("");
  if (!names) return names.error();
  if (!std::all_of(names->begin(), names->end(), harmless))
    return foreign(where, "holds other files", who);
  return write_identity(where, expected);
}

}  // namespace us
