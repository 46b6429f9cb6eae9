#include "actors/singleton/execution_book.hpp"

namespace us::singletons {

void execution_book::advance(window& of, request_sequence first_open) {
  if (first_open <= of.first_open) return;
  of.first_open = first_open;
  const auto end = of.requests.lower_bound(first_open);
  for (auto at = of.requests.begin(); at != end; ++at) bytes_ -= cost(at->second);
  of.requests.erase(of.requests.begin(), end);
}

execution_book::standing execution_book::look(const request_id& id, request_sequence first_open) {
  auto at = origins_.find(id.origin);
  if (at == origins_.end()) {
    if (origins_.size() >= limits_.origins_max) return standing::full;
    at = origins_.emplace(id.origin, window{}).first;
  }
  auto& of = at->second;
  advance(of, first_open);
  if (id.sequence < of.first_open) return standing::late;
  const auto known = of.requests.find(id.sequence);
  if (known != of.requests.end())
    return known->second.ended ? standing::ended : standing::under_way;
  return of.requests.size() < limits_.requests_max ? standing::fresh : standing::full;
}

void execution_book::begin(const request_id& id) {
  origins_[id.origin].requests.try_emplace(id.sequence);
}

bool execution_book::end(const request_id& id, verdict how) {
  const auto of = origins_.find(id.origin);
  if (of == origins_.end()) return false;
  const auto at = of->second.requests.find(id.sequence);
  if (at == of->second.requests.end() || at->second.ended) return false;
  auto& kept = at->second;
  kept.ended = true;
  kept.how = std::move(how);
  if (bytes_ + cost(kept) > limits_.bytes_max)
    kept.how = {message::SingletonOutcome::UNKNOWN, message::Reason::OVERLOADED, {}, {}};
  bytes_ += cost(kept);
  return true;
}

const verdict* execution_book::find(const request_id& id) const {
  const auto of = origins_.find(id.origin);
  if (of == origins_.end()) return nullptr;
  const auto at = of->second.requests.find(id.sequence);
  return at == of->second.requests.end() || !at->second.ended ? nullptr : &at->second.how;
}

}  // namespace us::singletons
