#include "tests/bench/log/rocks_log.hpp"

#include "runtime/ensure.hpp"
#include "runtime/log/entry_cache.hpp"
#include "runtime/log/entry_index.hpp"

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>

namespace us::bench {
namespace {

constexpr std::uint64_t vote_key = 0;            // before every entry
constexpr std::uint64_t begin_key = UINT64_MAX;  // what is before the first entry
constexpr std::size_t head_bytes = 16;

std::string key_of(std::uint64_t index) {
  std::string key(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) key[i] = static_cast<char>(index >> (56 - 8 * i));
  return key;
}
std::uint64_t index_of(const rocksdb::Slice& key) {
  std::uint64_t index = 0;
  for (std::size_t i = 0; i < 8; ++i) index = index << 8 | static_cast<std::uint8_t>(key[i]);
  return index;
}
std::array<char, head_bytes> pair_of(std::uint64_t first, std::uint64_t second) {
  std::array<char, head_bytes> bytes{};
  std::memcpy(bytes.data(), &first, 8);
  std::memcpy(bytes.data() + 8, &second, 8);
  return bytes;
}
std::uint64_t number_at(const rocksdb::Slice& value, std::size_t at) {
  std::uint64_t number = 0;
  std::memcpy(&number, value.data() + at, 8);
  return number;
}
failure failure_of(const rocksdb::Status& status) {
  return {status.IsNoSpace() ? errc::disk_full : errc::io_failed, status.ToString()};
}
log_entry entry_at(const rocksdb::Iterator& at) {
  auto value = at.value();
  return {
      {index_of(at.key())},
      {number_at(value, 0)},
      std::make_shared<const std::string>(value.data() + head_bytes, value.size() - head_bytes)};
}

struct store {
  std::unique_ptr<rocksdb::DB> db;
};

/// A log that was let go may still have a job in flight, which holds the database and its lock.
result<std::shared_ptr<store>> open_store(const std::string& path) {
  static std::map<std::string, std::weak_ptr<store>> known;
  auto& slot = known[path];
  if (auto open = slot.lock()) return open;
  rocksdb::Options options;
  options.create_if_missing = true;
  options.compression = rocksdb::kNoCompression;
  options.write_buffer_size = 64u << 20;
  options.recycle_log_file_num = 4;
  options.allow_concurrent_memtable_write = false;  // one writer
  options.enable_write_thread_adaptive_yield = false;
  options.avoid_flush_during_recovery = true;
  options.avoid_unnecessary_blocking_io = true;
  rocksdb::DB* db = nullptr;
  auto status = rocksdb::DB::Open(options, path, &db);
  if (!status.ok()) return failure_of(status);
  auto made = std::make_shared<store>();
  made->db.reset(db);
  slot = made;
  return made;
}

struct write_job {
  std::shared_ptr<store> target;
  rocksdb::WriteBatch batch;
  rocksdb::Status outcome;

  void run() {
    rocksdb::WriteOptions options;
    options.sync = true;
    outcome = target->db->Write(options, &batch);
  }
};

class rocks_log final : public change_log {
 public:
  rocks_log(std::shared_ptr<store> target, std::shared_ptr<executor> jobs, log_options options)
      : store_(std::move(target)), jobs_(std::move(jobs)), cache_(options.cache_bytes) {
    job_->target = store_;
    std::string begin;
    if (store_->db->Get({}, key_of(begin_key), &begin).ok())
      epochs_.reset({number_at(begin, 0)}, {number_at(begin, 8)});
    commit_ = epochs_.last();
    std::unique_ptr<rocksdb::Iterator> at{store_->db->NewIterator({})};
    for (at->SeekToFirst(); at->Valid(); at->Next()) {
      auto first = number_at(at->value(), 0);
      auto second = number_at(at->value(), 8);
      if (index_of(at->key()) == vote_key) {
        vote_ = {{first}, {second}};
      } else if (index_of(at->key()) != begin_key) {
        epochs_.push({first});
        commit_ = std::max(commit_, log_index{second});
      }
    }
    durable_ = in_flight_ = epochs_.last();
  }
  ~rocks_log() override {
    if (owner_) owner_->log.store(nullptr);
  }

  void attach(caf::actor owner, callbacks calls) override {
    if (owner_) owner_->log.store(nullptr);
    owner_ = std::make_shared<ownership>();
    owner_->owner = std::move(owner);
    owner_->calls = std::move(calls);
    owner_->log.store(this);
    on_written_ = for_owner([](rocks_log& log) { log.written(); });
    votes_.clear();
    if (writing_)
      jobs_->run(
          lane::log, [] {}, owner_->owner, on_written_);
    write_next();
  }

  log_index first_index() const override { return epochs_.first(); }
  log_index last_index() const override { return epochs_.last(); }
  us::epoch last_epoch() const override { return epochs_.last_epoch(); }
  std::optional<us::epoch> epoch_at(log_index index) const override { return epochs_.at(index); }
  log_index durable_index() const override { return durable_; }
  log_index synced_index() const override { return durable_; }
  us::vote vote() const override { return vote_; }
  log_index stored_commit() const override { return commit_; }
  bool full() const override { return false; }
  bool has_room(std::uint64_t) const override { return true; }
  bool idle() const override { return !writing_ && pending_.Count() == 0; }
  std::uint64_t disk_bytes() const override {
    std::uint64_t bytes = 0, memory = 0;
    store_->db->GetIntProperty("rocksdb.total-sst-files-size", &bytes);
    store_->db->GetIntProperty("rocksdb.cur-size-all-mem-tables", &memory);
    return bytes + memory;
  }

  void append(log_entry entry, log_index commit) override {
    ensure(entry.index == epochs_.last().next(), entry.index.value);
    epochs_.push(entry.epoch);
    commit_ = std::max(commit_, commit);
    auto key = key_of(entry.index.value);
    auto head = pair_of(entry.epoch.value, commit.value);
    rocksdb::Slice key_slice{key};
    std::array<rocksdb::Slice, 2> value{rocksdb::Slice{head.data(), head.size()},
                                        rocksdb::Slice{*entry.bytes}};
    pending_.Put({&key_slice, 1}, {value.data(), 2});
    cache_.push(std::move(entry));
    write_next();
  }
  void truncate_after(log_index last) override {
    auto epoch = epochs_.at(last);
    ensure(epoch.has_value(), last.value);
    pending_.DeleteRange(key_of(last.value + 1), key_of(UINT64_MAX));
    epochs_.truncate_after(last, *epoch);
    cache_.truncate_after(last);
    durable_ = std::min(durable_, last);
    in_flight_ = std::min(in_flight_, last);
    write_next();
  }
  void compact(log_index up_to, const log_retention& keep) override {
    ensure(up_to <= durable_, up_to.value, durable_.value);
    if (up_to < epochs_.first() || disk_bytes() <= keep.bytes) return;
    begin_at(up_to, *epochs_.at(up_to));
    epochs_.forget_until(up_to);
    cache_.forget_until(up_to);
    write_next();
  }
  void begin_after(log_index last, us::epoch epoch) override {
    pending_.DeleteRange(key_of(1), key_of(begin_key));
    begin_at(last, epoch);
    epochs_.reset(last, epoch);
    cache_.clear();
    commit_ = std::max(commit_, last);
    durable_ = in_flight_ = last;
    write_next();
  }
  void store_vote(us::vote v, std::function<void()> then) override {
    ensure(v.epoch >= vote_.epoch, v.epoch.value);
    ensure(v.epoch > vote_.epoch || vote_.candidate.none() || v.candidate == vote_.candidate);
    vote_ = v;
    auto value = pair_of(v.epoch.value, v.candidate.value);
    pending_.Put(key_of(vote_key), {value.data(), value.size()});
    if (then) votes_.push_back(std::move(then));
    write_next();
  }

  status replay(log_index first, log_index last,
                const std::function<void(const log_entry&)>& each) const override {
    std::unique_ptr<rocksdb::Iterator> at{store_->db->NewIterator({})};
    auto expected = first;
    for (at->Seek(key_of(first.value));
         at->Valid() && expected <= last && index_of(at->key()) != begin_key; at->Next()) {
      each(entry_at(*at));
      expected = expected.next();
    }
    if (expected <= last) return failure{errc::not_found, "not in the log"};
    return done{};
  }
  std::vector<log_entry> cached(log_index first, std::size_t bytes_max) const override {
    return cache_.from(first, bytes_max);
  }
  void read(log_index first, std::size_t bytes_max,
            std::function<void(result<std::vector<log_entry>>)> then) override {
    auto found = std::make_shared<result<std::vector<log_entry>>>(cache_.from(first, bytes_max));
    if (first < epochs_.first()) *found = failure{errc::not_found, "not in the log"};
    jobs_->run(
        lane::bulk,
        [found, first, bytes_max, from = store_] {
          if (*found && (*found)->empty()) read_entries(*from, first, bytes_max, *found);
        },
        owner_->owner, for_owner([found, then](rocks_log&) { then(std::move(*found)); }));
  }

 private:
  struct ownership {
    std::atomic<rocks_log*> log;
    caf::actor owner;
    callbacks calls;
  };

  template <class F>
  task for_owner(F f) const {
    return task{[mine = owner_, f = std::move(f)] {
      if (auto* log = mine->log.load()) f(*log);
    }};
  }

  void begin_at(log_index last, us::epoch epoch) {
    pending_.DeleteRange(key_of(1), key_of(last.value + 1));
    auto value = pair_of(last.value, epoch.value);
    pending_.Put(key_of(begin_key), {value.data(), value.size()});
  }
  static void read_entries(store& from, log_index first, std::size_t bytes_max,
                           result<std::vector<log_entry>>& found) {
    std::unique_ptr<rocksdb::Iterator> at{from.db->NewIterator({})};
    std::size_t bytes = 0;
    for (at->Seek(key_of(first.value)); at->Valid() && index_of(at->key()) != begin_key;
         at->Next()) {
      auto entry = entry_at(*at);
      bytes += entry.bytes->size();
      if (bytes > bytes_max && !found->empty()) return;
      found->push_back(std::move(entry));
    }
    if (found->empty()) found = failure{errc::not_found, "not in the log"};
  }

  void write_next() {
    if (failed_ || writing_ || pending_.Count() == 0 || !owner_) return;
    std::swap(job_->batch, pending_);
    writing_ = true;
    in_flight_ = epochs_.last();
    votes_in_flight_ = votes_.size();
    jobs_->run(
        lane::log, [job = job_] { job->run(); }, owner_->owner, on_written_);
  }
  void written() {
    if (!writing_) return;
    writing_ = false;
    job_->batch.Clear();
    auto mine = owner_;
    if (!job_->outcome.ok()) {
      failed_ = true;
      if (mine->calls.failed) mine->calls.failed(failure_of(job_->outcome));
      return;
    }
    durable_ = std::max(in_flight_, epochs_.first().previous());
    std::deque<std::function<void()>> answered;
    for (; votes_in_flight_ > 0 && !votes_.empty(); --votes_in_flight_) {
      answered.push_back(std::move(votes_.front()));
      votes_.pop_front();
    }
    write_next();
    cache_.trim(durable_);
    if (mine->calls.durable) mine->calls.durable(durable_);
    for (auto& then : answered)
      if (mine->log.load()) then();
  }

  std::shared_ptr<store> store_;
  std::shared_ptr<executor> jobs_;
  std::shared_ptr<ownership> owner_;
  task on_written_;
  entry_epochs epochs_;
  entry_cache cache_;
  us::vote vote_{};
  log_index commit_, durable_, in_flight_;
  rocksdb::WriteBatch pending_;
  std::shared_ptr<write_job> job_ = std::make_shared<write_job>();
  std::deque<std::function<void()>> votes_;
  std::size_t votes_in_flight_ = 0;
  bool writing_ = false;
  bool failed_ = false;
};

}  // namespace

result<std::unique_ptr<change_log>> open_rocks_log(const std::string& path,
                                                   std::shared_ptr<executor> jobs,
                                                   log_options options) {
  auto opened = open_store(path);
  if (!opened) return opened.error();
  return std::unique_ptr<change_log>{
      std::make_unique<rocks_log>(std::move(*opened), std::move(jobs), options)};
}

}  // namespace us::bench
