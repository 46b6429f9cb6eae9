// How a segmented_log gets its records to the disk: groups, segments, a full disk, failures.
#include "runtime/ensure.hpp"
#include "runtime/log/segmented_log.hpp"
#include "runtime/probe.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace us {
namespace {

constexpr std::uint64_t group_bytes_max = 4u << 20;      // bounds what one answer waits for
constexpr std::uint64_t brief_bytes_max = 256u << 10;    // written without a sync: tens of us
constexpr std::uint64_t first_segment_bytes = 1u << 20;  // small: a new log answers at once
constexpr auto full_retry = std::chrono::milliseconds{500};

std::uint64_t salt_of(const clock& time, std::uint64_t number) {
  auto now = static_cast<std::uint64_t>(time.now().time_since_epoch().count());
  return (static_cast<std::uint64_t>(time.wall_ms()) << 20) ^ now ^ (number << 56);
}

}  // namespace

void segmented_log::write_next() {
  if (failed_ || writing_ || !owner_ || pending_.empty()) return;
  if (!fits(pending_.front().disk_bytes())) {
    auto needed = segment_header_bytes + pending_.front().disk_bytes();
    const bool made = next_ && next_->capacity >= needed;
    if (!made && !preparing_) prepare_next();
    if (!made) return;
    begin_segment();
  }
  cut_group();
  auto job = [job = write_] { job->run(); };
  if (write_->sync || write_->former || write_->bytes > brief_bytes_max) {
    jobs_->run(lane::log, std::move(job), owner_->owner, on_written_);
  } else {
    jobs_->run_brief(lane::log, std::move(job), owner_->owner, on_written_);
  }
  if (!next_) prepare_next();
}

bool segmented_log::fits(std::uint64_t bytes) const {
  return current_ && current_end_ + bytes <= current_->capacity;
}

bool segmented_log::has_room(std::uint64_t bytes) const {
  if (!full_) return true;
  for (const auto& waiting : pending_) bytes += waiting.disk_bytes();
  constexpr std::uint64_t votes = 4096;  // what elections need in the meantime
  return fits(bytes + votes);
}

/// Puts the reserved segment into use; its header record is the first of the next group.
void segmented_log::begin_segment() {
  if (current_) {
    if (unsynced_ || syncing_) write_->former = current_->handle;
    older_bytes_ += segments_.back().bytes;
    segments_.back().filled = time_->now();
  }
  segments_.push_back({next_->name, next_->capacity, {}});
  write_->header =
      segment_header{next_->name.number, current_end_, cut_vote_.epoch, cut_vote_.candidate};
  current_ = std::move(*next_);
  next_.reset();
  current_end_ = 0;
}

void segmented_log::cut_group() {
  write_->target = current_->handle;
  write_->seed = current_->seed;
  write_->offset = current_end_;
  write_->records.clear();
  cut_records();
  write_->bytes = current_end_ - write_->offset;
  write_->sync = must_sync();
  writing_durable_ =
      std::max(std::min(places_.last(), kept_by_pending()), epochs_.first().previous());
  writing_ = true;
}

void segmented_log::cut_records() {
  auto end = current_end_;
  if (end == 0 && !pending_.empty()) {
    write_->records.push_back(
        {record_kind::segment, places_.last().value, cut_epoch_, cut_commit_, nullptr, 0});
    end += segment_header_bytes;
  }
  while (!pending_.empty()) {
    auto& waiting = pending_.front();
    auto bytes = waiting.disk_bytes();
    auto group = end - current_end_;
    if (end + bytes > current_->capacity) break;
    if (group > segment_header_bytes && group + bytes > group_bytes_max) break;
    place(waiting, end);
    end += bytes;
    operations_cut_ = waiting.operation;
    write_->records.push_back(std::move(waiting));
    pending_.pop_front();
  }
  current_end_ = end;
}

/// Nothing would tell that a vote is gone; what removes entries is relied on at once; and a
/// segment's header keeps the vote once the segments before it are compacted.
bool segmented_log::must_sync() const {
  if (options_.sync_interval == duration{0}) return true;
  return std::any_of(write_->records.begin(), write_->records.end(),
                     [](const auto& r) { return r.kind != record_kind::entry; });
}

void segmented_log::sync_later() {
  if (std::exchange(sync_waits_, true)) return;
  time_->after(options_.sync_interval, owner_->owner, for_owner([](segmented_log& log) {
                 log.sync_waits_ = false;
                 log.sync_due_ = log.unsynced_;
                 log.sync_if_due();
               }));
}

/// Not while a group is written, which may have to sync the segment before its own first.
void segmented_log::sync_if_due() {
  if (!sync_due_ || syncing_ || writing_ || failed_ || !owner_) return;
  sync_due_ = unsynced_ = false;
  syncing_ = true;
  syncing_up_to_ = durable_;
  sync_->target = current_->handle;
  jobs_->run(
      lane::sync, [job = sync_] { job->run(); }, owner_->owner,
      for_owner([](segmented_log& log) { log.synced(); }));
}

void segmented_log::synced() {
  if (!std::exchange(syncing_, false)) return;
  sync_->target.reset();
  if (!sync_->outcome) return fail(sync_->outcome.error());
  synced_ = std::max(synced_, syncing_up_to_);
  sync_if_due();
  auto mine = owner_;
  if (mine->calls.durable) mine->calls.durable(durable_);
}

/// Entries after it may be in a group, but a truncation that waits removes them again.
log_index segmented_log::kept_by_pending() const {
  // Truncations that wait have growing indices: each removes the larger ones before it.
  auto first = std::find_if(pending_.begin(), pending_.end(), [](const pending_record& r) {
    return r.kind == record_kind::truncate || r.kind == record_kind::begin;
  });
  return first == pending_.end() ? places_.last() : log_index{first->index};
}

void segmented_log::place(const pending_record& record, std::uint64_t offset) {
  cut_commit_ = std::max(cut_commit_, record.commit);
  switch (record.kind) {
    case record_kind::entry:
      places_.push({current_->name.number, offset});
      cut_epoch_ = record.epoch;
      return;
    case record_kind::truncate:
      places_.truncate_after({record.index});
      cut_epoch_ = record.epoch;
      return;
    case record_kind::begin:
      places_.reset({record.index});
      cut_epoch_ = record.epoch;
      return;
    case record_kind::vote: cut_vote_ = {record.epoch, {record.index}}; return;
    case record_kind::segment: return;
  }
}

/// The group in flight is answered, in the owner's context.
void segmented_log::written() {
  if (!writing_) return;
  writing_ = false;
  write_->records.clear();
  write_->header.reset();
  write_->former.reset();
  if (failed_) return;
  if (!write_->outcome) return fail(write_->outcome.error());
  durable_ = writing_durable_;
  unsynced_ = !write_->sync;
  if (unsynced_) {
    sync_later();
  } else {
    synced_ = durable_;
    sync_due_ = false;
  }
  sync_if_due();
  const auto operations_done = operations_done_ = operations_cut_;
  write_next();  // the disk need not wait for the owner
  cache_.trim(durable_);
  auto mine = owner_;
  if (mine->calls.durable) mine->calls.durable(durable_);
  // The owner may have let go of the log, or destroyed it, in its callback.
  while (mine->log.load(std::memory_order_acquire) && !votes_.empty() &&
         votes_.front().operation <= operations_done) {
    auto then = std::move(votes_.front().then);
    votes_.pop_front();
    then();
  }
}

std::uint64_t segmented_log::next_segment_bytes() const {
  auto bytes = options_.segment_bytes;
  if (!current_) bytes = std::min(bytes, first_segment_bytes);
  if (pending_.empty() || fits(pending_.front().disk_bytes()))
    return std::max<std::uint64_t>(bytes, 2 * segment_header_bytes);
  return std::max(bytes, segment_header_bytes + pending_.front().disk_bytes());
}

/// Makes the next segment, or enlarges it for the record that waits.
void segmented_log::prepare_next() {
  if (failed_ || preparing_ || retrying_ || !owner_) return;
  preparing_ = true;
  prepare_->bytes = next_segment_bytes();
  if (next_) {
    prepare_->segment = std::move(*next_);
    next_.reset();
  } else {
    auto number = current_ ? current_->name.number + 1 : 1;
    prepare_->segment = segment_file{{number, salt_of(*time_, number)}, nullptr, 0};
  }
  jobs_->run(
      lane::bulk, [job = prepare_] { job->run(); }, owner_->owner,
      for_owner([](segmented_log& log) { log.prepared(); }));
}

void segmented_log::prepared() {
  if (!preparing_) return;
  preparing_ = false;
  if (prepare_->segment.handle) next_ = std::move(prepare_->segment);
  prepare_->segment = {};
  if (prepare_->outcome) {
    full_ = false;
    return write_next();
  }
  if (prepare_->outcome.error().code != errc::disk_full) return fail(prepare_->outcome.error());
  full_ = true;
  retry_later();
}

void segmented_log::retry_later() {
  retrying_ = true;
  time_->after(full_retry, owner_->owner, for_owner([](segmented_log& log) {
                 log.retrying_ = false;
                 log.prepare_next();
               }));
}

void segmented_log::remove_oldest() {
  if (removing_ || doomed_.empty() || !owner_) return;
  removing_ = true;
  remove_->names = std::exchange(doomed_, {});
  jobs_->run(
      lane::bulk, [job = remove_] { job->run(); }, owner_->owner,
      for_owner([](segmented_log& log) { log.removed(); }));
}

/// What could not be deleted is tried again at the next compaction.
void segmented_log::removed() {
  if (!std::exchange(removing_, false)) return;
  auto& left = remove_->names;
  doomed_.insert(doomed_.begin(), left.begin(), left.end());
  left.clear();
}

void segmented_log::fail(const failure& why) {
  if (failed_) return;
  probe(rare::disk_failed);
  failed_ = why;
  pending_.clear();
  votes_.clear();
  tell_failed();
}

void segmented_log::tell_failed() {
  auto mine = owner_;
  if (mine->calls.failed) mine->calls.failed(*failed_);
}

}  // namespace us
