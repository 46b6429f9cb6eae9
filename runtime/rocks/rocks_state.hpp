#pragma once
/// The records of one replica in one database.
///
/// Each entry is one write: its changes, and with them which entry it was and how many records
/// there are then. So whatever RocksDB has on the disk after a crash is the state after one entry.
/// Writing out is begun by the owner alone (ready), by switching to a fresh memtable, which does
/// not block; RocksDB's threads do the rest, and never write anything out by themselves. Reads that
/// miss the cache read the disk on the caller's thread.

#include "runtime/rocks/database.hpp"
#include "runtime/state/state.hpp"

#include <rocksdb/write_batch.h>

#include <deque>
#include <unordered_map>

namespace us::rocks {

class rocks_state final : public state, public stored_records {
 public:
  /// A fresh one.
  rocks_state(std::shared_ptr<database> in, store_name name, std::size_t memtable_bytes);
  ~rocks_state() override;
  rocks_state(const rocks_state&) = delete;
  rocks_state& operator=(const rocks_state&) = delete;

  /// Goes on with what is there. corrupted: it is another's, or was never finished; newer_format.
  status load();

  // -- state
  record_bytes get(std::string_view key) const override;
  void apply(std::span<const state_change> changes, const entry_id& of) override;
  entry_id applied() const override { return applied_; }
  bool ready(log_index synced) override;
  std::uint64_t size() const override { return size_; }
  void each_in_slot(
      std::uint32_t slot,
      const std::function<void(std::string_view, std::string_view)>& f) const override;
  stored_records* stored() override { return this; }

  // -- stored_records
  const store_name& name() const override { return name_; }
  void write_out() override;
  result<log_index> written() override;
  status settle() override;
  std::unique_ptr<record_cursor> cursor() override { return db_->cursor(); }

 private:
  struct writing {
    std::uint64_t sequence;  ///< of the last change in it
    log_index index;
  };

  void add(const state_change& change);
  bool is_there(std::string_view key) const;
  void clear();
  std::string about() const;
  /// True: there are memtables on their way to the disk.
  bool writes();
  bool goes_on(log_index synced);
  void note_all_written();
  void check(const rocksdb::Status& outcome) const;

  std::shared_ptr<database> db_;
  store_name name_;
  std::size_t memtable_bytes_;
  entry_id applied_;
  std::uint64_t size_ = 0;
  log_index durable_;
  std::deque<writing> writing_;
  bool wanted_ = false;
  std::size_t unwritten_bytes_ = 0;

  // -- of the entry being applied
  rocksdb::WriteBatch batch_;
  std::unordered_map<std::string_view, bool> changed_;  ///< whether the record is there then
  bool cleared_ = false;
  mutable std::string key_;
};

}  // namespace us::rocks
