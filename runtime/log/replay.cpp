#include "runtime/ensure.hpp"
#include "runtime/log/segmented_log.hpp"

namespace us {
namespace {

/// Where to find the entries of one segment.
struct source {
  log_files& files;
  const segment_name& name;
  std::uint64_t end;  ///< of what is to be read
};

/// Hands over the entries of [at, last] that lie in one segment; returns the first not handed over.
result<log_index> replay_segment(const source& from, const entry_places& places, log_index at,
                                 log_index last,
                                 const std::function<void(const log_entry&)>& each) {
  const auto path = path_in(from.files.directory, from.name);
  const auto seed = from.name.seed();
  const auto start = places.at(at).offset;
  auto bytes = read_segment(*from.files.where, path, start, from.end);
  if (!bytes) return bytes.error();
  for (; at <= last && places.at(at).segment == from.name.number; at = at.next()) {
    const auto offset = places.at(at).offset;
    if (offset - start > bytes->view().size())
      return failure{errc::io_failed, path + ": became shorter while it was read"};
    auto found = decode_record(bytes->view().subspan(offset - start), seed, offset);
    if (!found)
      return failure{errc::corrupted, path + ": offset " + std::to_string(offset) + ": entry " +
                                          to_string(at) + " is damaged"};
    each(to_entry(found->values));
  }
  return at;
}

}  // namespace

status segmented_log::replay(log_index first, log_index last,
                             const std::function<void(const log_entry&)>& each) const {
  ensure(idle());
  if (first > last) return done{};
  if (first < epochs_.first() || last > epochs_.last())
    return failure{errc::not_found, files_->directory + ": holds entries " +
                                        to_string(epochs_.first()) + " to " +
                                        to_string(epochs_.last()) + ", not " + to_string(first) +
                                        " to " + to_string(last)};
  for (auto at = first; at <= last;) {
    const auto number = places_.at(at).segment;
    const auto& segment = segments_[number - segments_.front().name.number];
    const bool newest = number == segments_.back().name.number;
    auto next = replay_segment({*files_, segment.name, newest ? current_end_ : segment.bytes},
                               places_, at, last, each);
    if (!next) return next.error();
    at = *next;
  }
  return done{};
}

}  // namespace us
