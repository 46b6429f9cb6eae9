#include "actors/leader_follower/standing.hpp"

#include "runtime/mutants.hpp"
#include "runtime/state/snapshot_format.hpp"

#include <xxhash.h>

#include <algorithm>

namespace us {

namespace {

constexpr std::uint64_t magic = 0x474e4453444e5553;
// Version 2 has the boot and keeps_votes behind the founders. It is written only where they say
// something, so that a program of before opens what it can be right about. Version 3 is that of a
// witness: the last field is of flags.
constexpr std::uint32_t format_version = 3;
constexpr std::uint32_t keeps_votes_flag = 1;
constexpr std::uint32_t witness_flag = 2;
constexpr std::size_t fixed_bytes = 28;
constexpr std::size_t second_version_bytes = 12;
constexpr std::size_t founder_bytes = 16;
constexpr std::size_t founders_max = 4096;

std::string encode(const standing& what) {
  std::string bytes;
  put_u64(bytes, magic);
  const bool second = what.boot != 0 || what.keeps_votes || what.witness;
  put_u32(bytes, what.witness ? 3 : second ? 2 : 1);
  put_u32(bytes, static_cast<std::uint32_t>(what.kind));
  put_u64(bytes, what.disk);
  put_u32(bytes, static_cast<std::uint32_t>(what.founders.size()));
  for (const auto& f : what.founders) {
    put_u64(bytes, f.node.value);
    put_u64(bytes, f.disk);
  }
  if (second) {
    put_u64(bytes, what.boot);
    put_u32(bytes, (what.keeps_votes ? keeps_votes_flag : 0) | (what.witness ? witness_flag : 0));
  }
  put_u64(bytes, XXH3_64bits(bytes.data(), bytes.size()));
  return bytes;
}

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string{} : path.substr(0, slash);
}

result<standing> decode(std::string_view bytes, const std::string& path) {
  const failure damaged{errc::corrupted, path + ": is damaged"};
  if (bytes.size() < fixed_bytes + 8 || get_u64(bytes.data()) != magic) return damaged;
  const auto version = get_u32(bytes.data() + 8);
  if (version > format_version)
    return failure{errc::newer_format, path + ": written in format " + std::to_string(version) +
                                           ", this program knows up to " +
                                           std::to_string(format_version) +
                                           "; run the newer program"};
  const std::size_t count = get_u32(bytes.data() + 24);
  const auto kind = get_u32(bytes.data() + 12);
  const auto first_version = fixed_bytes + count * founder_bytes;
  const auto length = first_version + (version >= 2 ? second_version_bytes : 0);
  if (count > founders_max || bytes.size() != length + 8 || kind < 1 || kind > 3 ||
      XXH3_64bits(bytes.data(), length) != get_u64(bytes.data() + length))
    return damaged;
  standing found{static_cast<standing_kind>(kind), get_u64(bytes.data() + 16), {}};
  for (std::size_t i = 0; i < count; ++i) {
    const auto* at = bytes.data() + fixed_bytes + i * founder_bytes;
    found.founders.push_back({{get_u64(at)}, get_u64(at + 8)});
  }
  if (version >= 2) {
    const auto flags = get_u32(bytes.data() + first_version + 8);
    found.boot = get_u64(bytes.data() + first_version);
    found.keeps_votes = (flags & keeps_votes_flag) != 0;
    found.witness = (flags & witness_flag) != 0;
  }
  return found;
}

}  // namespace

result<standing> load_standing(disk& where, const std::string& path) {
  auto opened = where.open(path, open_mode::read);
  if (!opened) return opened.error();
  std::string bytes(fixed_bytes + founders_max * founder_bytes + second_version_bytes + 9, '\0');
  auto got = (*opened)->read_at(0, std::as_writable_bytes(std::span{bytes}));
  if (!got) return got.error();
  return decode(std::string_view{bytes}.substr(0, *got), path);
}

status store_standing(disk& where, const std::string& path, const standing& what) {
  const auto temporary = path + ".new";
  auto opened = where.open(temporary, open_mode::create);
  if (!opened) return opened.error();
  if (auto cut = (*opened)->truncate(0); !cut) return cut;
  const auto bytes = encode(what);
  if (auto put = (*opened)->write_at(0, std::as_bytes(std::span{bytes})); !put) return put;
  if (auto synced = (*opened)->sync(); !synced) return synced;
  if (auto renamed = where.rename(temporary, path); !renamed) return renamed;
  return where.sync_directory(parent_of(path));
}

namespace rules {

std::vector<founder> founders_with(node_id self, const standing& own,
                                   const std::map<node_id, standing>& answers) {
  const founder me{self, own.disk};
  for (const auto& [node, answer] : answers) {
    const auto& all = answer.founders;
    if (answer.votes() && std::find(all.begin(), all.end(), me) != all.end()) return all;
  }
  return {};
}

founding judge_founding(node_id self, const standing& own,
                        const std::map<node_id, standing>& answers, std::size_t members) {
  if (!founders_with(self, own, answers).empty()) return founding::joins;
  const bool exists = std::any_of(answers.begin(), answers.end(), [](const auto& each) {
    return each.second.kind != standing_kind::fresh;
  });
  if (exists) return mutant(bug::votes_after_disk_loss) ? founding::founds : founding::recovers;
  return answers.size() + 1 >= members ? founding::founds : founding::waits;
}

}  // namespace rules
}  // namespace us
