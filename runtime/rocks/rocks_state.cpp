#include "runtime/rocks/rocks_state.hpp"

#include "runtime/ensure.hpp"
#include "runtime/state/snapshot_format.hpp"

#include <cstring>
#include <limits>
#include <tuple>
#include <vector>

namespace us::rocks {

namespace {

constexpr std::uint32_t format_version = 1;
constexpr std::size_t about_bytes = 36;
/// RocksDB's bound, less what is put before a key.
constexpr std::size_t length_max = std::numeric_limits<std::uint32_t>::max() - 64;

rocksdb::WriteOptions without_log() {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  return options;
}

std::string begin_of(std::uint32_t slot) {
  std::string key;
  put_key(key, slot, {});
  return key;
}

}  // namespace

rocks_state::rocks_state(std::shared_ptr<database> in, store_name name, std::size_t memtable_bytes)
    : db_(std::move(in)), name_(std::move(name)), memtable_bytes_(memtable_bytes) {}

rocks_state::~rocks_state() {
  db_->close();
}

/// version u32, number u64, index u64, epoch u64, records u64.
std::string rocks_state::about() const {
  std::string bytes;
  put_u32(bytes, format_version);
  put_u64(bytes, name_.number);
  put_u64(bytes, applied_.index.value);
  put_u64(bytes, applied_.epoch.value);
  put_u64(bytes, size_);
  return bytes;
}

status rocks_state::load() {
  std::string bytes;
  const auto outcome = db_->use().Get({}, rocksdb::Slice{about_key}, &bytes);
  if (!outcome.ok() && !outcome.IsNotFound()) return failure_of(outcome, db_->path());
  const auto version = bytes.size() < 4 ? 0 : get_u32(bytes.data());
  if (version > format_version)
    return failure{errc::newer_format, db_->path() + ": records in format " +
                                           std::to_string(version) + ", this program knows up to " +
                                           std::to_string(format_version) +
                                           "; run the newer program"};
  if (bytes.size() != about_bytes || get_u64(bytes.data() + 4) != name_.number)
    return failure{errc::corrupted,
                   db_->path() + ": the records are not those that its snapshot names"};
  applied_ = {{get_u64(bytes.data() + 12)}, {get_u64(bytes.data() + 20)}};
  size_ = get_u64(bytes.data() + 28);
  durable_ = applied_.index;
  return done{};
}

void rocks_state::check(const rocksdb::Status& outcome) const {
  if (outcome.ok()) return;
  auto why = failure_of(outcome, db_->path());
  if (why.code == errc::corrupted) db_->note_damage(why);
  throw state_failure{std::move(why)};
}

record_bytes rocks_state::get(std::string_view key) const {
  put_key(key_, slot_of(key), key);
  rocksdb::PinnableSlice value;
  const auto outcome = db_->use().Get({}, db_->use().DefaultColumnFamily(), key_, &value);
  if (outcome.IsNotFound()) return std::nullopt;
  check(outcome);
  auto own = std::make_unique_for_overwrite<char[]>(std::max<std::size_t>(value.size(), 1));
  std::memcpy(own.get(), value.data(), value.size());
  return {std::move(own), value.size()};
}

bool rocks_state::is_there(std::string_view key) const {
  if (auto at = changed_.find(key); at != changed_.end()) return at->second;
  if (cleared_ || size_ == 0) return false;
  put_key(key_, slot_of(key), key);
  rocksdb::PinnableSlice value;
  const auto outcome = db_->use().Get({}, db_->use().DefaultColumnFamily(), key_, &value);
  if (!outcome.IsNotFound()) check(outcome);
  return outcome.ok();
}

void rocks_state::clear() {
  check(batch_.DeleteRange(begin_of(0), begin_of(slots)));
  changed_.clear();
  cleared_ = true;
  size_ = 0;
}

void rocks_state::add(const state_change& change) {
  if (change.kind == change_kind::cleared) return clear();
  ensure(change.key.size() <= length_max && change.value.size() <= length_max, change.key.size(),
         change.value.size());
  const bool was = is_there(change.key);
  const bool is = change.kind == change_kind::put;
  if (!was && !is) return;
  put_key(key_, slot_of(change.key), change.key);
  check(is ? batch_.Put(key_, rocksdb::Slice{change.value}) : batch_.Delete(key_));
  size_ += static_cast<std::uint64_t>(is) - static_cast<std::uint64_t>(was);
  changed_[change.key] = is;
}

void rocks_state::apply(std::span<const state_change> changes, const entry_id& of) {
  batch_.Clear();
  changed_.clear();
  cleared_ = false;
  const auto before = std::pair{applied_, size_};
  for (const auto& change : changes) add(change);
  applied_ = of;
  check(batch_.Put(rocksdb::Slice{about_key}, about()));
  const auto written = db_->use().Write(without_log(), &batch_);
  if (!written.ok()) std::tie(applied_, size_) = before;
  check(written);
  unwritten_bytes_ += batch_.GetDataSize();
  changed_.clear();  // it has views of the caller's
}

void rocks_state::each_in_slot(
    std::uint32_t slot, const std::function<void(std::string_view, std::string_view)>& f) const {
  const auto begin = begin_of(slot);
  const auto end = begin_of(slot + 1);
  const rocksdb::Slice bound{end};
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &bound;
  std::unique_ptr<rocksdb::Iterator> at{db_->use().NewIterator(options)};
  std::vector<std::uint64_t> aligned;
  for (at->Seek(begin); at->Valid(); at->Next()) {
    const auto value = at->value();
    aligned.resize(value.size() / sizeof(std::uint64_t) + 1);
    std::memcpy(aligned.data(), value.data(), value.size());
    f(at->key().ToStringView().substr(slot_bytes),
      {reinterpret_cast<const char*>(aligned.data()), value.size()});
  }
  check(at->status());
}

bool rocks_state::writes() {
  const auto done = db_->listener().written();
  while (!writing_.empty() && writing_.front().sequence <= done) {
    durable_ = writing_.front().index;
    writing_.pop_front();
  }
  return !writing_.empty();
}

bool rocks_state::ready(log_index synced) {
  if (db_->listener().failed()) return goes_on(synced);
  const bool full = unwritten_bytes_ >= memtable_bytes_;
  if (!wanted_ && (!full || writes())) return true;
  if (synced < applied_.index) return false;
  const auto sequence = db_->use().GetLatestSequenceNumber();
  rocksdb::FlushOptions options;
  options.wait = false;
  options.allow_write_stall = true;  // none is possible: see the options of the database
  const auto begun = db_->use().Flush(options);
  if (begun.IsNoSpace()) return false;  // the write before it has just failed
  check(begun);
  writing_.push_back({sequence, applied_.index});
  wanted_ = false;
  unwritten_bytes_ = 0;
  return true;
}

/// A full disk only keeps changes out until there is space; it is looked for whenever somebody asks
/// for everything to be written out. What else went wrong is final.
bool rocks_state::goes_on(log_index synced) {
  const auto failed = db_->listener().failed();
  if (!failed->IsNoSpace()) check(*failed);
  if (!wanted_ || synced < applied_.index) return false;
  wanted_ = false;
  if (const auto resumed = db_->use().Resume(); !resumed.ok()) {
    if (!resumed.IsNoSpace() && !resumed.IsBusy()) check(resumed);
    return false;
  }
  db_->listener().forget_failure();
  note_all_written();
  return true;
}

void rocks_state::note_all_written() {
  unwritten_bytes_ = 0;
  writing_.clear();
  wanted_ = false;
  durable_ = applied_.index;
}

void rocks_state::write_out() {
  wanted_ = unwritten_bytes_ > 0 || db_->listener().failed();
}

result<log_index> rocks_state::written() {
  if (const auto failed = db_->listener().failed()) {
    auto why = failure_of(*failed, db_->path());
    if (why.code == errc::corrupted) db_->note_damage(why);
    return why;
  }
  const bool all = !writes() && unwritten_bytes_ == 0;
  return all ? applied_.index : durable_;
}

status rocks_state::settle() {
  const bool pending = writes() || unwritten_bytes_ > 0;
  auto outcome = db_->use().Flush({});
  if (outcome.ok() && pending)
    outcome = db_->listener().wait_for(db_->use().GetLatestSequenceNumber());
  if (!outcome.ok()) return failure_of(outcome, db_->path());
  note_all_written();
  return done{};
}

}  // namespace us::rocks
