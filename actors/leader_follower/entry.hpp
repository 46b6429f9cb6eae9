#pragma once
/// A log entry's content: what one batch of requests changed, and their outcomes. Encoded
/// once by the leader; the same bytes go over the wire, into every log, and are applied.

#include "actors/leader_follower/membership.hpp"
#include "messages/ids.hpp"
#include "runtime/log/change_log.hpp"
#include "runtime/state/state.hpp"

#include <capnp/serialize.h>

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/leader_follower.capnp.h"

namespace us {

struct change {
  change_kind kind;
  std::string key;
  std::string value;
};

struct request_outcome {
  session_id session;
  request_sequence sequence;
  std::string reply;
};

struct session_mark {
  session_id session;
  request_sequence first_open;
};

/// A request that may be answered before a majority has its entry. What it changed is
/// [changes_begin, changes_end) of the entry's changes; what it asked, [body_begin, body_end) of
/// the entry's bodies.
struct early_request {
  std::size_t outcome = 0;  ///< its place in the entry's outcomes
  std::size_t changes_begin = 0;
  std::size_t changes_end = 0;
  std::uint64_t type = 0;
  std::size_t body_begin = 0;
  std::size_t body_end = 0;
};

/// What is added leaves where it is what was there before: others may keep views of it.
struct entry_content {
  std::deque<change> changes;
  std::deque<request_outcome> outcomes;
  std::vector<session_mark> sessions;
  std::vector<early_request> early;
  std::string bodies;                 ///< of the early ones: Cap'n Proto stream messages
  std::vector<group_member> members;  ///< a new configuration, unless empty
  std::int64_t wall_ms = 0;
  node_id leader;  ///< that makes the entry

  std::string_view body_of(const early_request& r) const {
    return std::string_view{bodies}.substr(r.body_begin, r.body_end - r.body_begin);
  }
  bool empty() const {
    return changes.empty() && outcomes.empty() && sessions.empty() && members.empty();
  }
};

log_entry encode_entry(log_index index, us::epoch epoch, const entry_content& content);

/// Reads an entry in place.
class opened_entry {
 public:
  explicit opened_entry(const log_entry& entry);
  message::LogEntry::Reader get() { return reader_.getRoot<message::LogEntry>(); }

 private:
  entry_bytes bytes_;
  capnp::FlatArrayMessageReader reader_;
};

/// The changes, outcomes and sessions of an entry.
entry_content effects_of(const log_entry& entry);

/// A request as it came, of an entry with these changes; nullopt: it says what is not so.
std::optional<std::string> body_of(message::EarlyRequest::Reader early,
                                   capnp::List<message::Change>::Reader changes);

/// The configuration that the entry begins; nullopt: none, or none that is well formed.
std::optional<configuration> configuration_in(const log_entry& entry);

/// What a witness gets of an entry: that there is one, and the members that it begins.
log_entry without_data(const log_entry& entry);

/// Takes an entry as it came in an AppendRequest (copies the bytes). nullopt: not an entry.
std::optional<log_entry> decode_entry(capnp::Data::Reader bytes);

}  // namespace us
