#include "actors/client/answer_table.hpp"

#include <utility>

namespace us {

session_id answer_table::open() {
  while (sessions_.size() >= limits_.sessions_max) forget(by_use_.front());
  session_id made{next_++};
  if (made.none()) made = {next_++};
  auto& s = sessions_[made];
  s.used = by_use_.insert(by_use_.end(), made);
  return made;
}

void answer_table::advance(session_id which, request_sequence first_open) {
  auto at = sessions_.find(which);
  if (at == sessions_.end()) return;
  auto& s = at->second;
  by_use_.splice(by_use_.end(), by_use_, s.used);
  if (first_open <= s.first_open) return;
  s.first_open = first_open;
  while (!s.requests.empty() && s.requests.begin()->first < first_open)
    erase(s, s.requests.begin());
}

answer_table::standing answer_table::look(session_id which, request_sequence sequence) const {
  auto at = sessions_.find(which);
  if (at == sessions_.end()) return standing::no_session;
  const auto& s = at->second;
  if (sequence < s.first_open) return standing::late;
  auto known = s.requests.find(sequence);
  if (known != s.requests.end())
    return known->second.ended ? standing::answered : standing::under_way;
  return s.requests.size() < limits_.requests_max ? standing::fresh : standing::crowded;
}

const answer_table::answer* answer_table::find(session_id which, request_sequence sequence) const {
  auto at = sessions_.find(which);
  if (at == sessions_.end()) return nullptr;
  auto known = at->second.requests.find(sequence);
  return known != at->second.requests.end() && known->second.ended ? &known->second.what : nullptr;
}

void answer_table::begin(session_id which, request_sequence sequence) {
  auto at = sessions_.find(which);
  if (at == sessions_.end()) return;
  auto [made, added] = at->second.requests.try_emplace(sequence);
  if (added) bytes_ += cost(made->second);
  shrink(which);
}

void answer_table::end(session_id which, request_sequence sequence, answer with) {
  auto at = sessions_.find(which);
  if (at == sessions_.end() || sequence < at->second.first_open) return;
  auto [known, added] = at->second.requests.try_emplace(sequence);
  if (!added) bytes_ -= cost(known->second);
  known->second = {true, std::move(with)};
  bytes_ += cost(known->second);
  shrink(which);
}

void answer_table::drop(session_id which, request_sequence sequence) {
  auto at = sessions_.find(which);
  if (at == sessions_.end()) return;
  auto known = at->second.requests.find(sequence);
  if (known != at->second.requests.end()) erase(at->second, known);
}

void answer_table::erase(session& of, std::map<request_sequence, entry>::iterator at) {
  bytes_ -= cost(at->second);
  of.requests.erase(at);
}

void answer_table::forget(session_id which) {
  auto at = sessions_.find(which);
  for (const auto& [sequence, e] : at->second.requests) bytes_ -= cost(e);
  by_use_.erase(at->second.used);
  sessions_.erase(at);
}

// A session that alone is too large goes as well: better refused than executed twice.
void answer_table::shrink(session_id keep) {
  while (bytes_ > limits_.bytes_max) {
    auto oldest = by_use_.front();
    if (oldest == keep && by_use_.size() > 1) oldest = *std::next(by_use_.begin());
    forget(oldest);
  }
}

void fill(message::Reply::Builder into, request_sequence sequence,
          const answer_table::answer& what) {
  into.setSequence(sequence.value);
  into.setOutcome(what.outcome);
  into.setReason(what.reason);
  if (!what.text.empty()) into.setText(what.text);
  if (!what.reply.empty())
    into.setBody({reinterpret_cast<const kj::byte*>(what.reply.data()), what.reply.size()});
}

std::size_t words_of(const answer_table::answer& what) {
  return 10 + (what.reply.size() + what.text.size()) / 8;
}

}  // namespace us
