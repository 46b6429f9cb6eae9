#include "actors/singleton/request_book.hpp"

namespace us::singletons {

namespace {
constexpr int forget_after = 5;  ///< silences
}

// -- which instance is live

live_view::change live_view::hear(const target& who, bool live, time_point now) {
  const bool same = who == known_;
  if (!same) {
    const auto unheard = now - heard_;
    if (who.epoch == known_.epoch && live_ && unheard < silence_) return change::none;
    // A late copy; unless disks were lost, and the newer epoch with them.
    if (who.epoch < known_.epoch && unheard < silence_ * forget_after) return change::none;
    // An end that is heard first only says that it was there.
    known_ = who;
    live_ = false;
  }
  if (!live) {
    const bool was = std::exchange(live_, false);
    return was || !same ? change::ended : change::none;
  }
  heard_ = now;
  const bool was = std::exchange(live_, true);
  return was ? change::none : change::came;
}

void live_view::lost(std::uint64_t instance) {
  if (known_.instance == instance) live_ = false;
}

target live_view::at(time_point now) const {
  return live_ && now - heard_ < silence_ ? known_ : target{};
}

// -- what becomes of requests

void request_book::add(request_sequence sequence, time_point deadline) {
  open_[sequence].deadline = deadline;
}

std::vector<request_sequence> request_book::waiting() const {
  std::vector<request_sequence> found;
  for (const auto& [sequence, r] : open_)
    if (!r.to) found.push_back(sequence);
  return found;
}

std::vector<request_sequence> request_book::sent_to(std::uint64_t instance) const {
  std::vector<request_sequence> found;
  for (const auto& [sequence, r] : open_)
    if (r.to && r.to->instance == instance) found.push_back(sequence);
  return found;
}

void request_book::sent(request_sequence sequence, const target& to, time_point now) {
  auto& r = open_.at(sequence);
  r.to = to;
  r.sent_at = now;
  ++r.attempts;
}

request_book::meaning request_book::answered(request_sequence sequence, std::uint64_t instance,
                                             message::SingletonOutcome how) {
  const auto at = open_.find(sequence);
  if (at == open_.end()) return meaning::none;
  auto& r = at->second;
  if (!r.to || r.to->instance != instance) return meaning::none;
  if (how != message::SingletonOutcome::NOT_TAKEN) return meaning::final;
  const auto deadline = r.deadline;
  r = {};
  r.deadline = deadline;
  return meaning::again;
}

request_book::due request_book::look(time_point now, const target& newest) {
  due found;
  for (auto& [sequence, r] : open_) {
    if (now >= r.deadline) {
      (r.to ? found.unknown : found.rejected).push_back(sequence);
      continue;
    }
    if (!r.to) continue;
    if (!(*r.to == newest) && !r.replaced) r.replaced = now;
    if (r.replaced && now - *r.replaced >= limits_.settle)
      found.unknown.push_back(sequence);
    else if (now - r.sent_at >= limits_.retry * r.attempts)
      found.resend.push_back(sequence);
  }
  return found;
}

std::vector<std::pair<request_sequence, bool>> request_book::all() const {
  std::vector<std::pair<request_sequence, bool>> found;
  for (const auto& [sequence, r] : open_) found.emplace_back(sequence, r.to.has_value());
  return found;
}

request_sequence request_book::first_open(request_sequence next) const {
  return open_.empty() ? next : open_.begin()->first;
}

}  // namespace us::singletons
