#pragma once
/// A replica's snapshots: takes them piece by piece beside the replica's work, keeps the newest
/// two, and lets the log forget what they cover.
///
/// Part of the store and, like it, used by one role at a time. Taking one walks the state by
/// slots, one piece a turn: each is written and synced on the bulk lane before the next is made, at
/// most `snapshot_rate` bytes a second, so that neither the loop nor the log's syncs wait for long
/// and no more than one piece is in memory. The state changes meanwhile: see snapshot_format.hpp
/// why that is right. It gets its name only once the log here is durable up to `complete`. A role
/// that ends leaves what it was taking; the next begins anew. Errors: a disk that is full or fails
/// is reported, and tried again after a while.
///
/// Of a state that lies on the disk by itself (stored_records.hpp) no records are written: once
/// they are durable there, a small file is, which names them. One with the records is taken only to
/// be sent, off this thread, and deleted when nobody wants it any more.
///
/// Invariant: the log is never cut behind what the newest snapshot covers.

#include "actors/leader_follower/group.hpp"
#include "runtime/log/log_files.hpp"
#include "runtime/state/snapshot_files.hpp"

#include <memory>
#include <set>
#include <vector>

namespace us {

struct replica_store;

class snapshots {
 public:
  /// `found`: those that may be used, the newest first.
  snapshots(const ports& with, std::shared_ptr<log_files> files, std::vector<snapshot_info> found);
  ~snapshots();
  snapshots(const snapshots&) = delete;
  snapshots& operator=(const snapshots&) = delete;

  /// Names the role that owns the store from now on.
  void attach(caf::actor owner, replica_store& store, const group_limits& limits);
  /// Begins, or ends, taking one when it is time. Cheap; called whenever something was applied or
  /// became durable.
  void advance();
  /// One that a leader sent is in place and installed.
  void add(snapshot_info installed);
  /// Sent ones stay, and entries after them, until they are released.
  void hold(const snapshot_id& id);
  void release(const snapshot_id& id);

  /// It does not verify where it was sent: sets it aside and takes another at once.
  void discard(const snapshot_id& id);

  const snapshot_info* newest() const { return kept_.empty() ? nullptr : &kept_.front(); }
  /// The newest that can be sent; null: there is none yet. One is taken, if need be, and stays for
  /// a while: to be called as long as somebody needs it.
  const snapshot_info* wanted();
  bool taking() const { return phase_ != phase::idle; }
  const std::shared_ptr<log_files>& files() const { return files_; }
  static std::string path_of(const log_files& files, const snapshot_info& which);

 private:
  enum class phase : unsigned char { idle, until_written, walking, until_durable, naming };
  struct piece;
  struct ownership {
    snapshots* self;
  };

  template <class F>
  task for_owner(F f) const {
    return task{[mine = ownership_, f = std::move(f)] {
      if (mine->self != nullptr) f(*mine->self);
    }};
  }
  stored_records* stored() const;
  const snapshot_info* to_send() const;
  bool due() const;
  bool wanted_now() const;
  /// Kept for a follower that needs it no more, and the records lie on the disk twice.
  bool needless(const snapshot_info& which) const;
  void begin();
  void begin_whole();
  void start(store_name records);
  void await_written();
  void fill();
  void write();
  void written();
  void name_it();
  void named();
  void give_up(const failure& why);
  void watch_ages();
  void forget_old();

  us::ports ports_;
  std::shared_ptr<log_files> files_;
  std::vector<snapshot_info> kept_;  ///< the newest first
  std::multiset<snapshot_id> held_;
  std::shared_ptr<ownership> ownership_;
  caf::actor owner_;
  replica_store* store_ = nullptr;
  group_limits limits_;

  phase phase_ = phase::idle;
  snapshot_info now_;  ///< being taken
  std::uint32_t slot_ = 0;
  std::shared_ptr<piece> piece_;
  time_point not_before_;
  time_point piece_begun_;
  time_point wanted_until_{};
};

}  // namespace us
