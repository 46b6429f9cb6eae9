#include "actors/leader_follower/epoch_history.hpp"

#include "runtime/state/snapshot_format.hpp"

#include <algorithm>
#include <iterator>

namespace us {

namespace {

constexpr std::size_t run_bytes = 16;

}  // namespace

void epoch_history::note(us::epoch epoch, log_index index) {
  if (runs_.empty() || runs_.back().epoch != epoch) runs_.push_back({index, epoch});
  if (runs_.size() > runs_max_) runs_.pop_front();
  last_ = index;
}

std::optional<us::epoch> epoch_history::at(log_index index) const {
  if (runs_.empty() || index < runs_.front().first || index > last_) return std::nullopt;
  const auto after = std::upper_bound(runs_.begin(), runs_.end(), index,
                                      [](log_index i, const run& r) { return i < r.first; });
  return std::prev(after)->epoch;
}

void epoch_history::save(std::string& to) const {
  put_u64(to, last_.value);
  for (const auto& r : runs_) {
    put_u64(to, r.first.value);
    put_u64(to, r.epoch.value);
  }
}

bool epoch_history::load(std::string_view from) {
  if (from.size() < 8 || (from.size() - 8) % run_bytes != 0) return false;
  last_ = {get_u64(from.data())};
  runs_.clear();
  for (std::size_t at = 8; at < from.size(); at += run_bytes) {
    const run next{{get_u64(from.data() + at)}, {get_u64(from.data() + at + 8)}};
    const bool grows =
        runs_.empty() || (next.first > runs_.back().first && next.epoch > runs_.back().epoch);
    if (!grows || next.first > last_) return false;
    runs_.push_back(next);
  }
  return true;
}

}  // namespace us
