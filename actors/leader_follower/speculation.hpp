#pragma once
/// What a leader has executed but not yet committed, over the committed state: requests are
/// executed against this, one after another, without waiting for each other's commit.
///
/// Dropped as a whole when the leader retires; shrinks as its entries commit. Owns the contents of
/// these entries, of the one that is being made too; what it looks up are views of them.

#include "actors/leader_follower/by_sequence.hpp"
#include "actors/leader_follower/entry.hpp"
#include "actors/leader_follower/store.hpp"
#include "runtime/service/record.hpp"

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace us {

struct text_hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

class speculation {
 public:
  explicit speculation(replica_store& store);

  // -- the records as they will be
  struct seen {
    record_bytes bytes;
    log_index written_by;  ///< the entry, not committed yet, that made it so; 0: it is committed
  };
  seen look(std::string_view key) const;
  record_bytes get(std::string_view key) const { return look(key).bytes; }
  std::uint64_t size() const;  ///< costs a lookup for each key that was written ahead
  bool empty() const;
  void each_in_slot(std::uint32_t slot,
                    const std::function<void(std::string_view, std::string_view)>& f) const;

  // -- the sessions as they will be
  bool knows(session_id session) const;
  request_sequence first_open(session_id session) const;
  const std::string* find(session_id session, request_sequence sequence) const;
  bool committed_reply(session_id session, request_sequence sequence) const {
    return store_.sessions.find(session, sequence) != nullptr;
  }

  log_index commit() const { return store_.commit; }

  /// What was refused; outlives this leadership.
  refusals& refused() { return store_.refused; }

  // -- the entry that is being made, which will be the one at `index`
  void add(change c, log_index index);
  /// Where its reply is until the entry is committed.
  const std::string* add(request_outcome o, log_index index);
  void add(const session_mark& m, log_index index);
  /// `body`: what it asked; the entry keeps a copy.
  void add(early_request r, capnp::MessageBuilder& body, log_index index);
  /// Null: there is nothing in it yet.
  const entry_content* being_made() const { return open_ ? &held_.back().content : nullptr; }
  /// It is complete. Valid until it is committed.
  const entry_content& close(std::int64_t wall_ms, node_id leader);

  /// The entry has been applied to the store: forgets what it still holds of it.
  void committed(log_index index);

 private:
  struct written {
    std::optional<std::string_view> value;  ///< nullopt: erased
    log_index index;
  };
  struct entry {
    log_index index;
    entry_content content;
  };
  struct open_session {
    request_sequence first_open;
    log_index index;
  };

  entry_content& open(log_index index);
  void show(const change& c, log_index index);
  void show(const request_outcome& o);
  void show(const session_mark& m, log_index index);
  void index_by_slot() const;

  replica_store& store_;
  std::deque<entry> held_;  ///< in the order of the log
  bool open_ = false;       ///< the last one is being made
  // Each key and value is a view of the entry that wrote it last.
  std::unordered_map<std::string_view, written> writes_;
  log_index cleared_;  ///< the state below is hidden since this entry; 0: it is not
  std::unordered_map<session_id, by_sequence<const std::string*>> replies_;
  std::unordered_map<session_id, open_session> sessions_;
  mutable std::unordered_map<std::uint32_t, std::vector<std::string_view>> by_slot_;
  mutable bool by_slot_valid_ = false;
};

/// One request's view: what it changes is kept apart until it has succeeded.
class transaction final : public record_view {
 public:
  transaction(const speculation& base, std::int64_t now_ms, const partition_id& partition = {})
      : base_(base), now_ms_(now_ms), partition_(partition) {}

  record_bytes get(std::string_view key) override;
  void put(std::string_view key, std::string value) override;
  void erase(std::string_view key) override;
  void clear() override;
  std::uint64_t size() override;
  bool empty() override;
  void each_in_slot(std::uint32_t slot,
                    const std::function<void(std::string_view, std::string_view)>& f) override;
  std::int64_t now_ms() const override { return now_ms_; }
  void only_reads() override { reads_only_ = true; }
  partition_id partition() const override { return partition_; }

  std::vector<change> take() { return std::move(changes_); }
  bool changed() const { return !changes_.empty(); }
  std::size_t bytes() const;  ///< of what it changes
  bool reads_only() const { return reads_only_; }
  /// What must be committed before anybody is told what this request has seen; nullopt: everything
  /// that was executed before it.
  std::optional<log_index> seen() const { return seen_all_ ? std::nullopt : std::optional{seen_}; }

 private:
  const change* find(std::string_view key) const;
  void index() const;

  const speculation& base_;
  std::int64_t now_ms_;
  partition_id partition_;
  bool reads_only_ = false;
  bool seen_all_ = false;
  log_index seen_;
  std::vector<change> changes_;
  std::optional<std::size_t> cleared_;  ///< the change that cleared everything
  /// key -> its newest change since, of the changes below `indexed_`: made once it is needed.
  mutable std::unordered_map<std::string, std::size_t, text_hash, std::equal_to<>> newest_;
  mutable std::size_t indexed_ = 0;
};

}  // namespace us
