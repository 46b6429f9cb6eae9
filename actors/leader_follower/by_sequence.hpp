#pragma once
/// What is kept of one session's requests, in the order of their sequences. That is the order of
/// their coming but for retries, so most are added at the end and leave from the front.

#include "messages/ids.hpp"

#include <algorithm>
#include <deque>
#include <utility>

namespace us {

template <class T>
class by_sequence {
 public:
  bool empty() const { return kept_.empty(); }
  std::size_t size() const { return kept_.size(); }
  auto begin() const { return kept_.begin(); }
  auto end() const { return kept_.end(); }
  /// Whether it is above all that are here.
  bool is_newest(request_sequence sequence) const {
    return kept_.empty() || kept_.back().first < sequence;
  }

  /// Null: it is not here.
  const T* find(request_sequence sequence) const {
    if (is_newest(sequence)) return nullptr;
    const auto at = from(kept_, sequence);
    return at->first == sequence ? &at->second : nullptr;
  }
  /// In place of what was there.
  void put(request_sequence sequence, T value) {
    if (is_newest(sequence)) {
      kept_.emplace_back(sequence, std::move(value));
      return;
    }
    const auto at = from(kept_, sequence);
    if (at->first == sequence)
      at->second = std::move(value);
    else
      kept_.emplace(at, sequence, std::move(value));
  }
  void erase(request_sequence sequence) {
    if (is_newest(sequence)) return;
    const auto at = from(kept_, sequence);
    if (at->first == sequence) kept_.erase(at);
  }
  void erase_below(request_sequence sequence) { kept_.erase(kept_.begin(), from(kept_, sequence)); }
  void clear() { kept_.clear(); }

 private:
  using sequences = std::deque<std::pair<request_sequence, T>>;

  template <class Kept>
  static auto from(Kept& kept, request_sequence sequence) {
    if (!kept.empty() && kept.front().first >= sequence) return kept.begin();
    return std::lower_bound(
        kept.begin(), kept.end(), sequence,
        [](const auto& each, request_sequence wanted) { return each.first < wanted; });
  }

  sequences kept_;
};

}  // namespace us
