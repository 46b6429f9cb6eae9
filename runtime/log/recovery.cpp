#include "runtime/log/recovery.hpp"

#include "runtime/mutants.hpp"
#include "runtime/probe.hpp"

#include <algorithm>

namespace us {
namespace {

/// Puts records together to what the log holds.
class log_builder {
 public:
  explicit log_builder(recovered_log& log) : log_(log) {}

  status take(const record& r, const entry_place& place) {
    log_.commit = std::max(log_.commit, r.commit);
    switch (r.kind) {
      case record_kind::segment: return begin_segment(r);
      case record_kind::entry: return add_entry(r, place);
      case record_kind::vote: log_.vote = {r.epoch, {r.index}}; return done{};
      case record_kind::truncate:
        log_.epochs.truncate_after({r.index}, r.epoch);
        log_.places.truncate_after({r.index});
        return done{};
      case record_kind::begin:
        log_.epochs.reset({r.index}, r.epoch);
        log_.places.reset({r.index});
        return done{};
    }
    return failure{errc::corrupted, "a record of no known kind"};
  }

 private:
  status begin_segment(const record& r) {
    if (log_.segments.empty()) {  // what segments before it held is compacted
      auto header = decode_segment_header(r.payload);
      log_.epochs.reset({r.index}, r.epoch);
      log_.places.reset({r.index});
      if (header) log_.vote = {header->vote_epoch, header->vote_candidate};
      return done{};
    }
    if (log_index{r.index} == log_.epochs.last()) return done{};
    return failure{errc::corrupted, "the segment continues after entry " + std::to_string(r.index) +
                                        ", but the last one before it is " +
                                        to_string(log_.epochs.last())};
  }

  status add_entry(const record& r, const entry_place& place) {
    if (log_index{r.index} != log_.epochs.last().next() || r.epoch < log_.epochs.last_epoch())
      return failure{errc::corrupted, "entry " + std::to_string(r.index) + " of epoch " +
                                          to_string(r.epoch) + " follows entry " +
                                          to_string(log_.epochs.last()) + " of epoch " +
                                          to_string(log_.epochs.last_epoch())};
    log_.epochs.push(r.epoch);
    log_.places.push(place);
    return done{};
  }

  recovered_log& log_;
};

/// Each segment begins where the one before it ended, and names that place.
status check_chain(const recovered_log& log, const std::string& directory,
                   const scanned_segment& next) {
  if (log.segments.empty()) {
    // Compaction removes whole files: one with a smaller number that holds no log is damaged.
    if (log.unused.empty() || log.unused.front().number == next.header.number) return done{};
    return failure{errc::corrupted, path_in(directory, log.unused.front()) +
                                        ": offset 0: the segment's header is damaged"};
  }
  const auto& before = log.segments.back();
  if (next.header.number != before.name.number + 1)
    return failure{errc::corrupted, directory + ": segment " +
                                        std::to_string(before.name.number + 1) +
                                        " is missing or its header is damaged"};
  if (next.header.previous_end != before.content.end)
    return failure{errc::corrupted, path_in(directory, before.name) + ": offset " +
                                        std::to_string(before.content.end) +
                                        ": records are damaged or missing up to offset " +
                                        std::to_string(next.header.previous_end)};
  return done{};
}

}  // namespace

result<file_bytes> read_segment(disk& where, const std::string& path, std::uint64_t from,
                                std::uint64_t to) {
  auto opened = where.open(path, open_mode::read);
  if (!opened) return opened.error();
  auto size = (*opened)->size();
  if (!size) return size.error();
  const auto end = std::min(*size, to);
  file_bytes bytes{static_cast<std::size_t>(end - std::min(from, end))};
  auto count = read_fully(**opened, from, bytes.all());
  if (!count) return count.error();
  bytes.shorten(*count);
  return bytes;
}

result<recovered_log> scan_log(disk& where, const std::string& directory, unsynced_tail left) {
  auto names = list_segments(where, directory);
  if (!names) return names.error();
  recovered_log log;
  for (const auto& name : *names) {
    auto path = path_in(directory, name);
    auto bytes = read_segment(where, path);
    if (!bytes) return bytes.error();
    log_builder builder{log};
    // The chain is checked only after a segment was read, and before its records would
    // mean anything: a break in it is reported as what it is, not as what follows from it.
    status broken = done{};
    auto content = scan_segment(
        bytes->view(), name, path,
        [&](const record& r, std::uint64_t offset) {
          if (r.kind == record_kind::segment) {
            scanned_segment next;
            if (auto header = decode_segment_header(r.payload)) next.header = *header;
            broken = check_chain(log, directory, next);
          }
          return broken ? builder.take(r, {name.number, offset}) : broken;
        },
        left);
    if (!broken) return broken.error();
    if (!content) return content.error();
    log.torn = log.torn || content->dirty_end > content->end;
    if (content->used)
      log.segments.push_back({name, bytes->view().size(), *content});
    else
      log.unused.push_back(name);
  }
  log.commit = std::min(log.commit, log.epochs.last());
  return log;
}

namespace {

/// What is read for it is believed only as far as its records' checksums say: written back, a bit
/// that was read wrongly would be wrong for good.
bool same_records(std::span<const std::byte> bytes, const recovered_segment& segment,
                  std::uint64_t from) {
  const auto seed = segment.name.seed();
  auto at = from;
  while (at < segment.content.end) {
    const auto found = decode_record(bytes.subspan(static_cast<std::size_t>(at - from)), seed, at);
    if (!found) return false;
    at += found->total_bytes();
  }
  return at == segment.content.end;
}

status rewrite_tail(disk& where, const std::string& path, const recovered_segment& segment,
                    std::uint64_t from) {
  const auto& content = segment.content;
  probe(content.dirty_end > content.end ? rare::torn_tail : rare::tail_rewritten);
  auto opened = where.open(path, open_mode::read_write);
  if (!opened) return opened.error();
  std::vector<std::byte> tail(static_cast<std::size_t>(content.dirty_end - from));
  auto valid = std::span{tail}.first(static_cast<std::size_t>(content.end - from));
  auto count = read_fully(**opened, from, valid);
  if (!count) return count.error();
  if (*count != valid.size())
    return failure{errc::io_failed, path + ": became shorter while it was read"};
  if (!same_records(valid, segment, from))
    return failure{errc::io_failed, path + ": reads differ from each other"};
  if (auto written = (*opened)->write_at(from, tail); !written) return written;
  return (*opened)->sync();
}

}  // namespace

status repair_log(disk& where, const std::string& directory, const recovered_log& log,
                  unsynced_tail left) {
  if (!log.segments.empty() && !mutant(bug::unsynced_tail_trusted)) {
    const auto& newest = log.segments.back();
    const auto from = left == unsynced_tail::cached ? 0 : newest.content.last_group;
    auto repaired = rewrite_tail(where, path_in(directory, newest.name), newest, from);
    if (!repaired) return repaired;
  }
  for (const auto& name : log.unused)
    if (auto removed = where.remove(path_in(directory, name)); !removed) return removed;
  return log.unused.empty() ? status{done{}} : where.sync_directory(directory);
}

}  // namespace us
