#include "runtime/log/segmented_log.hpp"

#include "runtime/ensure.hpp"
#include "runtime/mutants.hpp"
#include "runtime/probe.hpp"

#include <algorithm>
#include <limits>

namespace us {

segmented_log::segmented_log(std::shared_ptr<log_files> files, std::shared_ptr<executor> jobs,
                             std::shared_ptr<clock> time, const log_options& options)
    : files_(std::move(files)),
      jobs_(std::move(jobs)),
      time_(std::move(time)),
      options_(options),
      cache_(options.cache_bytes),
      write_(std::make_shared<write_job>()),
      sync_(std::make_shared<sync_job>()),
      prepare_(std::make_shared<prepare_job>()),
      remove_(std::make_shared<remove_job>()) {
  write_->files = files_;
  sync_->files = files_;
  prepare_->files = files_;
  prepare_->how = options_.sync_interval > duration{0} ? reservation::taken : reservation::zeroed;
  remove_->files = files_;
}

segmented_log::~segmented_log() {
  if (owner_) owner_->log.store(nullptr, std::memory_order_release);
}

status segmented_log::start(recovered_log found) {
  epochs_ = std::move(found.epochs);
  places_ = std::move(found.places);
  vote_ = cut_vote_ = found.vote;
  commit_ = cut_commit_ = found.commit;
  durable_ = synced_ = writing_durable_ = epochs_.last();
  cut_epoch_ = epochs_.last_epoch();
  for (const auto& segment : found.segments) {
    segments_.push_back({segment.name, segment.size, time_->now()});
    older_bytes_ += segment.size;
  }
  if (found.segments.empty()) return done{};
  const auto& newest = found.segments.back();
  auto opened = files_->where->open(path_in(files_->directory, newest.name), open_mode::read_write);
  if (!opened) return opened.error();
  older_bytes_ -= newest.size;
  current_ = segment_file{newest.name, std::shared_ptr<file>{std::move(*opened)}, newest.size};
  current_end_ = newest.content.end;
  // What is written next may need this version: it goes to a segment that says so.
  if (newest.content.header.version < log_format_version) current_->capacity = current_end_;
  return done{};
}

void segmented_log::attach(caf::actor owner, callbacks calls) {
  if (owner_) owner_->log.store(nullptr, std::memory_order_release);
  owner_ = std::make_shared<ownership>();
  owner_->owner = std::move(owner);
  owner_->calls = std::move(calls);
  owner_->log.store(this, std::memory_order_release);
  on_written_ = for_owner([](segmented_log& log) { log.written(); });
  votes_.clear();  // nobody is left to hear of them
  retrying_ = sync_waits_ = false;
  if (unsynced_) sync_later();
  // What a former owner's jobs answer is sent to that owner. An empty job behind them on
  // the same lane brings the answer here.
  if (writing_) {
    probe(rare::owner_changed_during_write);
    jobs_->run(
        lane::log, [] {}, owner_->owner, on_written_);
  }
  if (syncing_)
    jobs_->run(
        lane::sync, [] {}, owner_->owner, for_owner([](segmented_log& log) { log.synced(); }));
  if (preparing_)
    jobs_->run(
        lane::bulk, [] {}, owner_->owner, for_owner([](segmented_log& log) { log.prepared(); }));
  if (removing_)
    jobs_->run(
        lane::bulk, [] {}, owner_->owner, for_owner([](segmented_log& log) { log.removed(); }));
  if (failed_)
    jobs_->run(
        lane::log, [] {}, owner_->owner, for_owner([](segmented_log& log) { log.tell_failed(); }));
  if (!next_) prepare_next();
  write_next();
}

std::uint64_t segmented_log::disk_bytes() const {
  return older_bytes_ + (current_ ? segments_.back().bytes : 0) + (next_ ? next_->capacity : 0);
}

void segmented_log::append(log_entry entry, log_index commit) {
  ensure(entry.bytes != nullptr && entry.index == epochs_.last().next(), entry.index.value,
         epochs_.last().value);
  ensure(entry.bytes->size() < std::numeric_limits<std::uint32_t>::max() / 2, entry.bytes->size());
  epochs_.push(entry.epoch);
  commit_ = std::max(commit_, commit);
  push(record_kind::entry, entry.index.value, entry.epoch, commit, entry.bytes);
  cache_.push(std::move(entry));
  write_next();
}

void segmented_log::truncate_after(log_index last) {
  auto epoch = epochs_.at(last);
  ensure(epoch.has_value(), last.value, epochs_.first().value, epochs_.last().value);
  if (last == epochs_.last()) return;
  if (writing_) probe(rare::truncation_waited);
  epochs_.truncate_after(last, *epoch);
  cache_.truncate_after(last);
  if (!mutant(bug::durable_not_cut)) {
    durable_ = std::min(durable_, last);
    synced_ = std::min(synced_, last);
    writing_durable_ = std::min(writing_durable_, last);
    syncing_up_to_ = std::min(syncing_up_to_, last);
  }
  // What no group holds yet need not be written to be removed again.
  std::erase_if(pending_, [last](const pending_record& r) {
    return r.kind != record_kind::vote && r.index > last.value;
  });
  if (!mutant(bug::truncation_not_written)) push(record_kind::truncate, last.value, *epoch);
  cut_back_ = operations_;
  write_next();
}

void segmented_log::begin_after(log_index last, us::epoch epoch) {
  epochs_.reset(last, epoch);
  cache_.clear();
  durable_ = synced_ = writing_durable_ = syncing_up_to_ = last;  // as durable as the snapshot is
  commit_ = std::max(commit_, last);
  std::erase_if(pending_, [](const pending_record& r) { return r.kind != record_kind::vote; });
  push(record_kind::begin, last.value, epoch, last);
  cut_back_ = operations_;
  write_next();
}

void segmented_log::compact(log_index up_to, const log_retention& keep) {
  ensure(up_to <= synced_, up_to.value, synced_.value);
  // Until it is durable that entries were removed, a crash may bring them back, and then they need
  // what is before them.
  if (failed_ || cut_back_ > operations_done_) return;
  auto bytes = older_bytes_ + current_end_;
  const auto now = time_->now();
  auto before = epochs_.first().previous();
  while (segments_.size() > 1) {
    const auto& oldest = segments_.front();
    const auto end = places_.first_after(oldest.name.number).previous();
    const bool wanted = bytes - oldest.bytes < keep.bytes && now - oldest.filled < keep.age;
    if (end > up_to || wanted) break;
    before = std::max(before, end);
    bytes -= oldest.bytes;
    older_bytes_ -= oldest.bytes;
    doomed_.push_back(oldest.name);
    segments_.pop_front();
  }
  epochs_.forget_until(before);
  places_.forget_until(before);
  cache_.forget_until(before);
  remove_oldest();
}

void segmented_log::store_vote(us::vote v, std::function<void()> then) {
  ensure(v.epoch >= vote_.epoch, v.epoch.value, vote_.epoch.value);
  ensure(v.epoch > vote_.epoch || vote_.candidate.none() || v.candidate == vote_.candidate,
         v.epoch.value, v.candidate.value, vote_.candidate.value);
  vote_ = v;
  if (mutant(bug::vote_not_durable)) return then ? then() : void();
  push(record_kind::vote, v.candidate.value, v.epoch);
  if (then && !failed_) votes_.push_back({operations_, std::move(then)});
  write_next();
}

void segmented_log::push(record_kind kind, std::uint64_t index, us::epoch epoch, log_index commit,
                         entry_bytes bytes) {
  if (failed_) return;
  pending_.push_back({kind, index, epoch, commit, std::move(bytes), ++operations_});
}

std::vector<log_entry> segmented_log::cached(log_index first, std::size_t bytes_max) const {
  return cache_.from(first, bytes_max);
}

void segmented_log::read(log_index first, std::size_t bytes_max,
                         std::function<void(read_result)> then) {
  ensure(owner_ != nullptr, first.value);
  auto job = std::make_shared<read_job>();
  job->files = files_;
  std::function<void()> work = [] {};
  if (first < epochs_.first() || first > epochs_.last()) {
    job->outcome = failure{errc::not_found, "entry " + to_string(first) + " is not in the log"};
  } else if (cache_.has(first)) {
    job->outcome = cache_.from(first, bytes_max);
  } else {
    auto place = places_.at(first);  // not cached: durable, so it has a place
    job->segment = segments_[place.segment - segments_.front().name.number].name;
    job->first = first;
    job->offsets = places_.neighbours(first, bytes_max);
    // Those behind it may be in a group that is being written right now.
    const auto durable = std::max(durable_, first).value - first.value + 1;
    if (job->offsets.size() > durable) job->offsets.resize(static_cast<std::size_t>(durable));
    job->bytes_max = bytes_max;
    work = [job] { job->run(); };
  }
  jobs_->run(lane::bulk, std::move(work), owner_->owner,
             for_owner([job, then = std::move(then)](segmented_log& log) {
               then(log.still_there(std::move(job->outcome)));
             }));
}

segmented_log::read_result segmented_log::still_there(read_result read) const {
  if (!read) return read;
  auto gone = std::find_if(read->begin(), read->end(), [this](const log_entry& entry) {
    return epochs_.at(entry.index) != entry.epoch;
  });
  read->erase(gone, read->end());
  if (read->empty())
    return failure{errc::not_found, "the entries were removed while they were read"};
  return read;
}

}  // namespace us
