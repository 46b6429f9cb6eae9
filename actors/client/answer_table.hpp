#pragma once
/// What clients were answered, so that a request that comes twice is executed once: for whoever
/// executes or passes on requests that no replicated session table remembers.
///
/// Owns sessions and, in each, the requests that are under way and the answers that the client
/// may still ask for again (from its first open sequence on). A session lives in this table only:
/// one of a former table, or one forgotten for want of room, is not known, and its requests must be
/// refused. Bounded in sessions, in requests of a session and in bytes of answers; beyond that the
/// session used longest ago is forgotten as a whole, never an answer of one that goes on. Pure: no
/// actor, no clock. Source: Ongaro's thesis 6.3.

#include "messages/ids.hpp"

#include <cstddef>
#include <list>
#include <map>
#include <string>
#include <unordered_map>

#include "messages/request.capnp.h"

namespace us {

class answer_table {
 public:
  struct bounds {
    std::size_t sessions_max = 16'384;
    std::size_t requests_max = 100'000;  ///< of one session, under way or kept
    std::size_t bytes_max = 64u << 20;   ///< of kept answers
  };
  struct answer {
    message::Outcome outcome = message::Outcome::DONE;
    message::Reason reason = message::Reason::NONE;
    std::string text;
    std::string reply;
  };
  enum class standing {
    fresh,       ///< not seen before: execute it
    under_way,   ///< begun and not ended: its answer will come
    answered,    ///< see find()
    late,        ///< its client has its outcome: drop it
    crowded,     ///< the session has too many: refuse it
    no_session,  ///< refuse it
  };

  /// `first`: number of the first session; chosen by chance, so that no two tables share one.
  explicit answer_table(std::uint64_t first) : answer_table(first, bounds{}) {}
  answer_table(std::uint64_t first, bounds limits) : limits_(limits), next_(first) {}

  session_id open();
  bool knows(session_id session) const { return sessions_.contains(session); }
  /// The client waits for no outcome below `first_open` any more.
  void advance(session_id session, request_sequence first_open);

  standing look(session_id session, request_sequence sequence) const;
  /// Null unless answered.
  const answer* find(session_id session, request_sequence sequence) const;
  /// For a fresh one: from now on it is under way.
  void begin(session_id session, request_sequence sequence);
  /// Keeps the answer to one that is fresh or under way. No effect when the session is gone.
  void end(session_id session, request_sequence sequence, answer with);
  /// For one under way of which nothing has to be remembered.
  void drop(session_id session, request_sequence sequence);

  std::size_t sessions() const { return sessions_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct entry {
    bool ended = false;
    answer what;
  };
  struct session {
    request_sequence first_open{1};
    std::map<request_sequence, entry> requests;
    std::list<session_id>::iterator used;
  };

  static std::size_t cost(const entry& e) { return 128 + e.what.text.size() + e.what.reply.size(); }
  void erase(session& of, std::map<request_sequence, entry>::iterator at);
  void forget(session_id session);
  void shrink(session_id keep);

  bounds limits_;
  std::uint64_t next_;
  std::unordered_map<session_id, session> sessions_;
  std::list<session_id> by_use_;  ///< the one used longest ago first
  std::size_t bytes_ = 0;
};

/// How a client is told.
void fill(message::Reply::Builder into, request_sequence sequence,
          const answer_table::answer& what);
/// Room that it takes in a message, in words of 8 bytes, about.
std::size_t words_of(const answer_table::answer& what);

}  // namespace us
