#include "runtime/rocks/database.hpp"

#include "runtime/state/state.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace us::rocks {

namespace {

std::string damage_file(const std::string& path) {
  return path + "/damaged";
}

std::string after_last_slot() {
  std::string key;
  put_key(key, state::slots, {});
  return key;
}

/// What was found once, a line each.
std::string suspicion_file(const std::string& path) {
  return path + "/suspected";
}

std::string first_line(const std::string& file) {
  std::ifstream in{file};
  std::string line;
  std::getline(in, line);
  return line;
}

bool has_line(const std::string& file, const std::string& wanted) {
  std::ifstream in{file};
  for (std::string line; std::getline(in, line);)
    if (line == wanted) return true;
  return false;
}

}  // namespace

void put_key(std::string& into, std::uint32_t slot, std::string_view key) {
  into.resize(slot_bytes);
  into[0] = static_cast<char>(slot >> 8);
  into[1] = static_cast<char>(slot);
  into.append(key);
}

failure failure_of(const rocksdb::Status& from, const std::string& path) {
  auto text = path + ": " + from.ToString();
  std::ranges::replace(text, '\n', ' ');
  if (from.IsNotSupported() || text.find("newer version of RocksDB") != std::string::npos)
    return {errc::newer_format, text + "; run the newer program"};
  if (from.IsNoSpace()) return {errc::disk_full, std::move(text)};
  if (from.IsCorruption() || from.IsPathNotFound()) return {errc::corrupted, std::move(text)};
  return {errc::io_failed, std::move(text)};
}

void write_listener::OnFlushCompleted(rocksdb::DB*, const rocksdb::FlushJobInfo& job) {
  std::lock_guard lock{mutex_};
  written_ = std::max(written_.load(), job.largest_seqno);
  heard_.notify_all();
}

void write_listener::OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* what) {
  std::lock_guard lock{mutex_};
  if (!failed_) failed_ = *what;
  heard_.notify_all();
}

rocksdb::Status write_listener::wait_for(std::uint64_t sequence) const {
  std::unique_lock lock{mutex_};
  heard_.wait(lock, [&] { return failed_ || written_ >= sequence; });
  return failed_.value_or(rocksdb::Status::OK());
}

void write_listener::forget_failure() {
  std::lock_guard lock{mutex_};
  failed_.reset();
}

std::optional<rocksdb::Status> write_listener::failed() const {
  std::lock_guard lock{mutex_};
  return failed_;
}

result<std::shared_ptr<database>> database::open(rocksdb::Options options, const std::string& path,
                                                 bool fresh) {
  std::error_code failed;
  if (!fresh && !std::filesystem::exists(path + "/CURRENT", failed))
    return failure{errc::not_found, path + ": there is no database"};
  if (auto damage = first_line(damage_file(path)); !damage.empty())
    return failure{errc::corrupted, std::move(damage)};
  auto listener = std::make_shared<write_listener>();
  options.create_if_missing = options.error_if_exists = fresh;
  options.listeners = {listener};
  rocksdb::DB* opened = nullptr;
  const auto outcome = rocksdb::DB::Open(options, path, &opened);
  if (!outcome.ok()) return failure_of(outcome, path);
  std::shared_ptr<database> made{new database{path, std::move(listener)}};
  made->db_.reset(opened);
  made->self_ = made;
  return made;
}

void database::close() {
  std::lock_guard lock{reading_};
  if (!db_) return;
  for (auto& each : walks_) end(each);
  db_.reset();
}

void database::end(walk& which) {
  which.records.reset();
  if (which.at != nullptr) db_->ReleaseSnapshot(std::exchange(which.at, nullptr));
}

void database::note_damage(const failure& what) const {
  std::lock_guard lock{noting_};
  if (!noted_.insert(what.text).second) return;
  const bool again = has_line(suspicion_file(path_), what.text);
  std::ofstream{again ? damage_file(path_) : suspicion_file(path_), std::ios::app} << what.text
                                                                                   << std::endl;
}

class database::walker final : public record_cursor {
 public:
  walker(std::shared_ptr<database> over, walk_place place)
      : over_(std::move(over)), place_(place) {}
  ~walker() override {
    std::lock_guard lock{over_->reading_};
    if (over_->db_) over_->end(*place_);
    over_->walks_.erase(place_);
  }

  result<bool> read(std::size_t bytes_max,
                    const std::function<void(std::string_view, std::string_view)>& each) override {
    std::lock_guard lock{over_->reading_};
    if (!over_->db_) return failure{errc::wrong_owner, over_->path_ + ": was closed"};
    auto& at = *place_->records;
    std::size_t bytes = 0;
    for (; at.Valid() && bytes < bytes_max; at.Next()) {
      const auto key = at.key().ToStringView().substr(slot_bytes);
      each(key, at.value().ToStringView());
      bytes += key.size() + at.value().size();
    }
    if (at.Valid()) return true;
    if (at.status().ok()) return false;
    auto why = failure_of(at.status(), over_->path_);
    if (why.code == errc::corrupted) over_->note_damage(why);
    return why;
  }

 private:
  std::shared_ptr<database> over_;
  walk_place place_;
};

std::unique_ptr<record_cursor> database::cursor() {
  std::lock_guard lock{reading_};
  auto place = walks_.emplace(walks_.end());
  place->at = db_->GetSnapshot();
  rocksdb::ReadOptions options;
  options.snapshot = place->at;
  options.fill_cache = false;
  static const std::string end = after_last_slot();
  static const rocksdb::Slice bound{end};
  options.iterate_upper_bound = &bound;
  place->records.reset(db_->NewIterator(options));
  place->records->SeekToFirst();
  return std::make_unique<walker>(self_.lock(), place);
}

}  // namespace us::rocks
