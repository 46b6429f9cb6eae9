#pragma once
/// A replica's loss journal: notes what is given up before it is, knows what of it is still lost,
/// and follows what becomes of the rest.
///
/// Part of the replica's store and, like it, used by one role at a time; writes on the log's lane
/// of the executor. Noting the same loss twice changes nothing (loss_key), so that whoever was
/// interrupted between noting and giving up notes again. What is on its way to the disk is followed
/// already, and counted, whoever asked for it: its entry may be committed before anybody hears that
/// it is noted. A loss that turns out to be none, since another replica kept the entry or its
/// client's retry was executed, is marked; marks are written behind, and found anew from the log
/// after a crash. Those that a disk did not take are written again with the next ones, or by
/// themselves after a while that doubles up to a bound. Bounded by what its files may hold
/// (loss_files.hpp).
/// Errors: add() reports what the disk does; then nothing is noted.

#include "runtime/loss/loss_files.hpp"
#include "runtime/node/context.hpp"

#include <caf/actor.hpp>

#include <deque>
#include <map>

namespace us {

class loss_journal {
 public:
  /// Reads what is in the directory. Blocking: a job, or at start.
  static result<std::unique_ptr<loss_journal>> open(const ports& with, std::string directory,
                                                    std::uint64_t bytes_max);
  ~loss_journal();
  loss_journal(const loss_journal&) = delete;
  loss_journal& operator=(const loss_journal&) = delete;

  /// Called when what is lost has changed, and when an owner is attached.
  using changed_callback = std::function<void(const loss_journal&)>;
  /// Names who owns the store from now on. What was asked for by the former owner is not answered,
  /// and noted all the same.
  void attach(caf::actor owner, changed_callback changed);

  /// Whether it is noted durably.
  bool has(const loss_key& key) const;
  /// Notes those that are not noted; `then(outcome)` once they are durable, in the owner's context:
  /// the losses that were not before.
  void add(std::vector<loss> losses, std::function<void(result<std::vector<loss>>)> then);

  /// Whether anything that was noted may yet turn out not to be lost.
  bool watching() const { return lost_ > 0; }
  /// This entry is committed after all: nothing of it is lost.
  void entry_survived(us::epoch epoch, log_index index);
  /// This request was executed by a committed entry, and changed something, or nothing.
  void request_executed(session_id session, request_sequence sequence, bool changed);
  /// Asks of each that is still lost what it is; nothing changes for those that stay lost.
  void settle(
      const std::function<loss_state(const loss_key&, session_id, request_sequence)>& judge);
  /// True when no mark waits to be written.
  bool idle() const { return marks_.empty(); }

  std::size_t lost(loss_kind kind) const;
  std::uint64_t dropped() const { return dropped_; }

 private:
  struct noted {
    loss_kind kind;
    loss_state state;
    session_id session;
    request_sequence sequence;
    bool durable = false;
  };
  struct ownership {
    loss_journal* self;
    caf::actor owner;
  };
  struct writing {
    std::vector<std::string> entries;
    std::vector<loss_key> losses;  ///< that these are, if they are no marks
    status outcome = done{};
    std::uint64_t dropped = 0;
  };
  using request = std::pair<session_id, request_sequence>;

  loss_journal(const ports& with, std::shared_ptr<loss_writer> writer)
      : executor_(with.executor), clock_(with.clock), writer_(std::move(writer)) {}

  /// False: it is there, durable or on its way.
  bool note(const loss& what, bool durable);
  void forget(const loss_key& key);
  /// The lane is through with these, the last of which is given.
  void finish(const std::shared_ptr<writing>& last);
  void mark(const loss_key& key, loss_state state);
  void become(const loss_key& key, loss_state state);
  void marked();
  void write_marks();
  void write_marks_later();
  void tell() const;
  void run(std::shared_ptr<writing> job, std::function<void(loss_journal&)> then);

  std::shared_ptr<executor> executor_;
  std::shared_ptr<clock> clock_;
  std::shared_ptr<loss_writer> writer_;
  std::shared_ptr<ownership> owner_;
  changed_callback changed_;
  std::map<loss_key, noted> noted_;
  std::multimap<request, loss_key> by_request_;  ///< those still lost
  std::size_t lost_ = 0;                         ///< of both kinds
  std::size_t lost_acknowledged_ = 0;
  std::uint64_t dropped_ = 0;
  std::deque<std::shared_ptr<writing>> noting_;  ///< losses on their way, in the lane's order
  std::vector<loss_mark> marks_;                 ///< to be written
  bool writing_marks_ = false;
  duration marks_wait_{0};    ///< before they are tried again; 0: the last write succeeded
  bool marks_timer_ = false;  ///< one runs
};

}  // namespace us
