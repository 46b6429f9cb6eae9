#pragma once
/// Which requests of which client have been executed, with what reply, so that a retry is
/// answered and not executed. Part of the replicated state: every replica applies the same
/// entries and so has the same table.
///
/// Bounded: beyond `sessions_max` the session that was used longest ago (by log index) goes;
/// its client's next request is rejected as expired, never executed twice.
/// Source: Ongaro's thesis 6.3.

#include "actors/leader_follower/by_sequence.hpp"
#include "messages/ids.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace us {

class session_table {
 public:
  explicit session_table(std::size_t sessions_max = 16384) : sessions_max_(sessions_max) {}

  bool known(session_id session) const { return sessions_.contains(session); }
  /// Below this every request of the session has been answered. 0 for an unknown session.
  request_sequence first_open(session_id session) const;
  /// The reply to an executed request; null when it was not executed.
  const std::string* find(session_id session, request_sequence sequence) const;

  /// Opens the session, or forgets the replies below `first_open` when it is open. `at`: the entry.
  void mark(session_id session, request_sequence first_open, log_index at);
  void record(session_id session, request_sequence sequence, std::string reply, log_index at);

  std::size_t size() const { return sessions_.size(); }

  // -- in a snapshot
  void save(std::string& to) const;
  /// Adds what save() wrote; false: the bytes are not well formed.
  [[nodiscard]] bool load(std::string_view from);

 private:
  struct open_session {
    request_sequence first_open{1};
    log_index used;
    by_sequence<std::string> replies;
  };

  void touch(session_id session, open_session& s, log_index at);
  void evict();

  std::size_t sessions_max_;
  std::unordered_map<session_id, open_session> sessions_;
  std::map<std::pair<log_index, session_id>, char> by_use_;
};

}  // namespace us
