#pragma once
/// The change log as segment files: change_log on the disk and executor ports.
///
/// Owns what it knows of its entries, the newest entries themselves, and the files through
/// its jobs. One write is on its way at a time (lane::log); what is appended meanwhile forms
/// the next group. The next segment is made (lane::bulk) as soon as one is begun, so that
/// a full disk is noticed one segment ahead: full() turns true while the current
/// segment still takes votes and what was already promised.
///
/// Owners: whoever was attached last is called back. The answers of jobs that a former owner
/// started are asked for again by the next one, because the executor sends them to an actor
/// that may be gone.
/// With a sync interval, a group of entries is written only, by a brief job; a timer has what is
/// written synced (lane::sync), while later groups are written beside it. What is synced is always
/// a prefix: a segment is, before the next one is written to. Time: a disk that is full is tried
/// again every 500 ms of the clock port. Invariants: synced_ <= durable_ <= last; nothing counts as
/// synced before a sync that began after its write returned; after a failure, of a sync too,
/// nothing is written or told any more.

#include "runtime/log/change_log.hpp"
#include "runtime/log/entry_cache.hpp"
#include "runtime/log/entry_index.hpp"
#include "runtime/log/log_jobs.hpp"
#include "runtime/log/recovery.hpp"

#include <atomic>
#include <deque>

namespace us {

class segmented_log final : public change_log {
 public:
  segmented_log(std::shared_ptr<log_files> files, std::shared_ptr<executor> jobs,
                std::shared_ptr<clock> time, const log_options& options);
  ~segmented_log() override;
  segmented_log(const segmented_log&) = delete;
  segmented_log& operator=(const segmented_log&) = delete;

  /// Takes over what recovery found. Blocking; before attach().
  status start(recovered_log found);

  void attach(caf::actor owner, callbacks calls) override;
  log_index first_index() const override { return epochs_.first(); }
  log_index last_index() const override { return epochs_.last(); }
  us::epoch last_epoch() const override { return epochs_.last_epoch(); }
  std::optional<us::epoch> epoch_at(log_index index) const override { return epochs_.at(index); }
  log_index durable_index() const override { return durable_; }
  log_index synced_index() const override { return synced_; }
  us::vote vote() const override { return vote_; }
  log_index stored_commit() const override { return commit_; }
  bool full() const override { return full_; }
  bool has_room(std::uint64_t bytes) const override;
  bool idle() const override { return !writing_ && pending_.empty(); }
  std::uint64_t disk_bytes() const override;
  void append(log_entry entry, log_index commit) override;
  void truncate_after(log_index last) override;
  void store_vote(us::vote v, std::function<void()> then) override;
  void compact(log_index up_to, const log_retention& keep) override;
  void begin_after(log_index last, us::epoch epoch) override;
  status replay(log_index first, log_index last,
                const std::function<void(const log_entry&)>& each) const override;  // replay.cpp
  std::vector<log_entry> cached(log_index first, std::size_t bytes_max) const override;
  void read(log_index first, std::size_t bytes_max,
            std::function<void(result<std::vector<log_entry>>)> then) override;

 private:
  /// One owner's connection: its tasks do nothing once another is attached or the log is gone.
  struct ownership {
    std::atomic<segmented_log*> log;
    caf::actor owner;
    callbacks calls;
  };
  struct used_segment {
    segment_name name;
    std::uint64_t bytes;
    time_point filled;  ///< or found at start
  };
  struct waiting_vote {
    std::uint64_t operation;
    std::function<void()> then;
  };
  using read_result = result<std::vector<log_entry>>;

  /// A task that runs f(log) if the owner is still the same.
  template <class F>
  task for_owner(F f) const {
    return task{[mine = owner_, f = std::move(f)] {
      if (auto* log = mine->log.load(std::memory_order_acquire)) f(*log);
    }};
  }
  void push(record_kind kind, std::uint64_t index, us::epoch epoch, log_index commit = {},
            entry_bytes bytes = {});

  // segmented_log_write.cpp
  void write_next();
  bool fits(std::uint64_t bytes) const;
  void begin_segment();
  void cut_group();
  void cut_records();
  bool must_sync() const;
  void sync_later();
  void sync_if_due();
  void synced();
  log_index kept_by_pending() const;
  void place(const pending_record& record, std::uint64_t offset);
  void written();
  void prepare_next();
  std::uint64_t next_segment_bytes() const;
  void prepared();
  void retry_later();
  void fail(const failure& why);
  void tell_failed();
  void remove_oldest();
  void removed();
  read_result still_there(read_result read) const;

  std::shared_ptr<log_files> files_;
  std::shared_ptr<executor> jobs_;
  std::shared_ptr<clock> time_;
  log_options options_;
  std::shared_ptr<ownership> owner_;  ///< null before the first attach()
  task on_written_;                   ///< made once an owner, sent with every group

  entry_epochs epochs_;  ///< of everything appended
  entry_places places_;  ///< of what is in a group that was cut
  entry_cache cache_;
  us::vote vote_{};
  log_index commit_;
  log_index durable_;
  log_index synced_;
  std::optional<failure> failed_;
  bool full_ = false;

  std::deque<used_segment> segments_;  ///< by number, the current one last
  std::uint64_t older_bytes_ = 0;      ///< size of all but the current one
  std::optional<segment_file> current_;
  std::uint64_t current_end_ = 0;
  std::optional<segment_file> next_;  ///< reserved, holds nothing yet
  bool preparing_ = false;
  bool retrying_ = false;

  std::deque<pending_record> pending_;
  std::uint64_t operations_ = 0;       ///< asked for so far
  std::uint64_t operations_cut_ = 0;   ///< newest of them in a group
  std::uint64_t operations_done_ = 0;  ///< newest of them on the disk
  std::uint64_t cut_back_ = 0;         ///< the newest that removed entries
  std::deque<waiting_vote> votes_;
  us::vote cut_vote_{};  ///< newest vote and commit in a group: for the next segment's header
  log_index cut_commit_;
  us::epoch cut_epoch_;      ///< of the entry places_.last()
  bool unsynced_ = false;    ///< something was written that no sync was begun for
  bool sync_waits_ = false;  ///< for its time
  bool sync_due_ = false;    ///< begins when nothing is on its way
  bool syncing_ = false;
  log_index syncing_up_to_;  ///< synced when the sync that is on its way is
  bool writing_ = false;
  log_index writing_durable_;  ///< durable when the group in flight is
  std::shared_ptr<write_job> write_;
  std::shared_ptr<sync_job> sync_;
  std::shared_ptr<prepare_job> prepare_;
  std::shared_ptr<remove_job> remove_;
  std::vector<segment_name> doomed_;  ///< out of use, to be deleted, oldest first
  bool removing_ = false;
};

}  // namespace us
