#include "runtime/log/change_log.hpp"
#include "runtime/log/log_jobs.hpp"
#include "runtime/log/recovery.hpp"

namespace us {
namespace {

/// Hands over the entries of [at, last] that lie in one segment; returns the first not handed over.
result<log_index> replay_segment(disk& where, const std::string& directory,
                                 const recovered_log& log, log_index at, log_index last,
                                 const std::function<void(const log_entry&)>& each) {
  auto number = log.places.at(at).segment;
  const auto& name = log.segments[number - log.segments.front().name.number].name;
  auto path = path_in(directory, name);
  auto bytes = read_segment(where, path);
  if (!bytes) return bytes.error();
  for (; at <= last && log.places.at(at).segment == number; at = at.next()) {
    auto offset = log.places.at(at).offset;
    if (offset > bytes->size())
      return failure{errc::io_failed, path + ": became shorter while it was read"};
    auto found = decode_record(std::span{*bytes}.subspan(offset), name.seed(), offset);
    if (!found)
      return failure{errc::corrupted, path + ": offset " + std::to_string(offset) +
                                          ": entry " + to_string(at) + " is damaged"};
    each(to_entry(found->values));
  }
  return at;
}

}  // namespace

status replay(disk& where, const std::string& directory, log_index first, log_index last,
              const std::function<void(const log_entry&)>& each) {
  if (first > last) return done{};
  auto log = scan_log(where, directory);
  if (!log) return log.error();
  if (first == from_the_beginning) first = log->epochs.first();
  if (last == to_the_end) last = log->epochs.last();
  if (first > last) return done{};
  if (first < log->epochs.first() || last > log->epochs.last())
    return failure{errc::not_found, directory + ": holds entries " +
                                        to_string(log->epochs.first()) + " to " +
                                        to_string(log->epochs.last()) + ", not " +
                                        to_string(first) + " to " + to_string(last)};
  for (auto at = first; at <= last;) {
    auto next = replay_segment(where, directory, *log, at, last, each);
    if (!next) return next.error();
    at = *next;
  }
  return done{};
}

}  // namespace us
