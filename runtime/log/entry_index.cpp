#include "runtime/log/entry_index.hpp"

#include "runtime/ensure.hpp"

#include <algorithm>
#include <iterator>

namespace us {
namespace {

/// The last run that begins at or before `index`.
template <class Runs>
auto find_run(const Runs& runs, log_index index) {
  auto after = std::upper_bound(runs.begin(), runs.end(), index,
                                [](log_index i, const auto& run) { return i < run.first; });
  return std::prev(after);
}

}  // namespace

void entry_epochs::reset(log_index before, us::epoch epoch) {
  before_ = before;
  before_epoch_ = epoch;
  last_ = before;
  runs_.clear();
}

void entry_epochs::push(us::epoch epoch) {
  ensure(epoch >= last_epoch(), epoch.value, last_epoch().value);
  last_ = last_.next();
  if (runs_.empty() || runs_.back().epoch != epoch) runs_.push_back({last_, epoch});
}

void entry_epochs::truncate_after(log_index last, us::epoch epoch_of_last) {
  if (last < before_) return reset(last, epoch_of_last);
  if (last >= last_) return;
  while (!runs_.empty() && runs_.back().first > last) runs_.pop_back();
  last_ = last;
}

void entry_epochs::forget_until(log_index index) {
  const auto epoch = at(index);
  ensure(epoch.has_value(), index.value, before_.value, last_.value);
  before_ = index;
  before_epoch_ = *epoch;
  if (index == last_) return runs_.clear();
  const auto first = find_run(runs_, index.next());
  runs_.erase(runs_.begin(), first);
  runs_.front().first = index.next();
}

std::optional<us::epoch> entry_epochs::at(log_index index) const {
  if (index < before_ || index > last_) return std::nullopt;
  if (index == before_) return before_epoch_;
  return find_run(runs_, index)->epoch;
}

void entry_places::reset(log_index before) {
  before_ = before;
  offsets_.clear();
  runs_.clear();
}

void entry_places::push(const entry_place& place) {
  if (runs_.empty() || runs_.back().segment != place.segment)
    runs_.push_back({last().next(), place.segment});
  offsets_.push_back(static_cast<std::uint32_t>(place.offset / 8));
}

void entry_places::truncate_after(log_index last) {
  if (last < before_) return reset(last);
  if (last >= this->last()) return;
  offsets_.resize(last.value - before_.value);
  while (!runs_.empty() && runs_.back().first > last) runs_.pop_back();
}

void entry_places::forget_until(log_index index) {
  ensure(index >= before_ && index <= last(), index.value, before_.value, last().value);
  const auto count = static_cast<std::ptrdiff_t>(index.value - before_.value);
  const auto end = last();
  offsets_.erase(offsets_.begin(), offsets_.begin() + count);
  before_ = index;
  if (index == end) return runs_.clear();
  runs_.erase(runs_.begin(), find_run(runs_, index.next()));
  runs_.front().first = index.next();
}

log_index entry_places::first_after(std::uint64_t segment) const {
  auto run = std::find_if(runs_.begin(), runs_.end(),
                          [segment](const auto& r) { return r.segment > segment; });
  return run == runs_.end() ? last().next() : run->first;
}

entry_place entry_places::at(log_index index) const {
  return {run_of(index)->segment, offset_of(index)};
}

std::vector<std::uint64_t> entry_places::neighbours(log_index first,
                                                    std::uint64_t bytes_max) const {
  auto run = run_of(first);
  auto end = std::next(run) == runs_.end() ? last().next() : std::next(run)->first;
  auto start = offset_of(first);
  std::vector<std::uint64_t> offsets{start};
  for (auto index = first.next(); index < end; index = index.next()) {
    auto offset = offset_of(index);
    if (offset - start >= bytes_max) break;
    offsets.push_back(offset);
  }
  return offsets;
}

std::vector<entry_places::run>::const_iterator entry_places::run_of(log_index index) const {
  ensure(index > before_ && index <= last(), index.value, before_.value, last().value);
  return find_run(runs_, index);
}

std::uint64_t entry_places::offset_of(log_index index) const {
  return std::uint64_t{offsets_[index.value - before_.value - 1]} * 8;
}

}  // namespace us
