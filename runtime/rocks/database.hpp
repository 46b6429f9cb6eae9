#pragma once
/// One RocksDB database, shared by the state that owns it and the cursors over it.
///
/// The owner closes it at its end, whoever else still holds it: then its files are free for the
/// next owner, and cursors answer wrong_owner. Records lie under two bytes of slot, big endian, and
/// the key, so that a slot is a range; what is said of all of them lies under the one key after
/// that.

#include "runtime/error.hpp"
#include "runtime/state/stored_records.hpp"

#include <rocksdb/db.h>
#include <rocksdb/listener.h>

#include <atomic>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace us::rocks {

constexpr std::string_view about_key{
    "\xff"
    "about",
    6};
constexpr std::size_t slot_bytes = 2;
/// Of a record, or of a slot's beginning when `key` is empty; in place of what `into` holds.
void put_key(std::string& into, std::uint32_t slot, std::string_view key);

/// What went wrong, with the path first.
failure failure_of(const rocksdb::Status& from, const std::string& path);

/// Hears what RocksDB's own threads have written. Thread-safe.
class write_listener final : public rocksdb::EventListener {
 public:
  /// The sequence number up to which everything is durable.
  std::uint64_t written() const { return written_; }
  /// What made RocksDB stop writing.
  std::optional<rocksdb::Status> failed() const;
  /// Waits until everything up to that sequence number is durable, or never will be. What Flush
  /// answers does not tell: in RocksDB 7.8 it waits for nothing once the database was resumed.
  rocksdb::Status wait_for(std::uint64_t sequence) const;
  void forget_failure();
  void OnFlushCompleted(rocksdb::DB*, const rocksdb::FlushJobInfo& job) override;
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* what) override;
  /// Says no: RocksDB would write out, at a moment of its own, what the log may not have synced.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* by_itself) override {
    *by_itself = false;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable heard_;
  std::optional<rocksdb::Status> failed_;
  std::atomic<std::uint64_t> written_{0};
};

class database {
 public:
  /// `fresh`: made, and nothing may be there yet; else not_found when there is none.
  static result<std::shared_ptr<database>> open(rocksdb::Options options, const std::string& path,
                                                bool fresh);
  ~database() { close(); }
  database(const database&) = delete;
  database& operator=(const database&) = delete;

  rocksdb::DB& use() { return *db_; }
  const std::string& path() const { return path_; }
  write_listener& listener() { return *listener_; }
  /// Waits for a cursor that reads right now. For the owner.
  void close();
  std::unique_ptr<record_cursor> cursor();
  /// Damage that an earlier opening has noted in the same words is believed: whoever opens the
  /// database next finds it again. So a read that errs once destroys nothing. Thread-safe.
  void note_damage(const failure& what) const;

 private:
  struct walk {
    const rocksdb::Snapshot* at = nullptr;
    std::unique_ptr<rocksdb::Iterator> records;
  };
  class walker;
  using walk_place = std::list<walk>::iterator;

  database(std::string path, std::shared_ptr<write_listener> listener)
      : path_(std::move(path)), listener_(std::move(listener)) {}
  void end(walk& which);
  std::weak_ptr<database> self_;

  std::string path_;
  std::shared_ptr<write_listener> listener_;
  std::unique_ptr<rocksdb::DB> db_;
  mutable std::mutex noting_;
  mutable std::set<std::string> noted_;  ///< by this opening
  std::mutex reading_;                   ///< of the cursors, and of closing
  std::list<walk> walks_;
};

}  // namespace us::rocks
