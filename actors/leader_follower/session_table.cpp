#include "actors/leader_follower/session_table.hpp"

#include "runtime/mutants.hpp"
#include "runtime/state/snapshot_format.hpp"

#include <utility>

namespace us {

request_sequence session_table::first_open(session_id session) const {
  auto at = sessions_.find(session);
  return at == sessions_.end() ? request_sequence{} : at->second.first_open;
}

const std::string* session_table::find(session_id session, request_sequence sequence) const {
  auto at = sessions_.find(session);
  return at == sessions_.end() ? nullptr : at->second.replies.find(sequence);
}

void session_table::mark(session_id session, request_sequence first_open, log_index at) {
  // Only its first mark opens a session. A later one may find it expired: opened again, it would
  // have forgotten what it has executed.
  const bool opens = first_open <= request_sequence{1} || mutant(bug::expired_session_revived);
  if (!opens && !known(session)) return;
  auto& s = sessions_[session];
  if (first_open > s.first_open) {
    s.first_open = first_open;
    s.replies.erase_below(first_open);
    if (mutant(bug::replies_forgotten_early)) s.replies.clear();
  }
  touch(session, s, at);
  evict();
}

void session_table::record(session_id session, request_sequence sequence, std::string reply,
                           log_index at) {
  auto found = sessions_.find(session);
  if (found == sessions_.end()) return;
  if (sequence >= found->second.first_open) found->second.replies.put(sequence, std::move(reply));
  touch(session, found->second, at);
}

void session_table::save(std::string& to) const {
  for (const auto& [session, s] : sessions_) {
    put_u64(to, session.value);
    put_u64(to, s.first_open.value);
    put_u64(to, s.used.value);
    put_u32(to, static_cast<std::uint32_t>(s.replies.size()));
    for (const auto& [sequence, reply] : s.replies) {
      put_u64(to, sequence.value);
      put_u32(to, static_cast<std::uint32_t>(reply.size()));
      to.append(reply);
    }
  }
}

bool session_table::load(std::string_view from) {
  while (!from.empty()) {
    if (from.size() < 28) return false;
    const session_id session{get_u64(from.data())};
    open_session s{{get_u64(from.data() + 8)}, {get_u64(from.data() + 16)}, {}};
    const auto replies = get_u32(from.data() + 24);
    from.remove_prefix(28);
    for (std::uint32_t i = 0; i < replies; ++i) {
      if (from.size() < 12) return false;
      const request_sequence sequence{get_u64(from.data())};
      const auto length = get_u32(from.data() + 8);
      from.remove_prefix(12);
      if (length > from.size()) return false;
      if (!s.replies.is_newest(sequence)) return false;
      s.replies.put(sequence, std::string{from.substr(0, length)});
      from.remove_prefix(length);
    }
    by_use_.emplace(std::pair{s.used, session}, char{});
    sessions_.insert_or_assign(session, std::move(s));
  }
  return true;
}

void session_table::touch(session_id session, open_session& s, log_index at) {
  if (s.used == at) return;
  by_use_.erase({s.used, session});
  s.used = at;
  by_use_.emplace(std::pair{at, session}, char{});
}

void session_table::evict() {
  while (sessions_.size() > sessions_max_) {
    auto oldest = by_use_.begin();
    sessions_.erase(oldest->first.second);
    by_use_.erase(oldest);
  }
}

}  // namespace us
