#pragma once
/// Candidates of a search: what may be true of an object at some moment, and only those worth
/// keeping.
///
/// A candidate is a state and, per pending operation (a slot), two bits: usable (it may still be
/// given its moment) and settled (it owes nothing: it has had its moment, or can be given one that
/// changes nothing). More bits allow more, so of two candidates with one state, one
/// whose bits include the other's makes that one superfluous.
///
/// Owns rows of words: state, then the usable bits, then the settled bits.

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace us {

/// Where the parts of a candidate lie in its words.
struct candidate_layout {
  std::size_t slots = 0;
  std::size_t words() const { return (slots + 63) / 64; }
  std::size_t row() const { return 1 + 2 * words(); }
};

using candidate = std::vector<std::uint64_t>;
using candidate_view = std::span<const std::uint64_t>;

class candidate_set {
 public:
  explicit candidate_set(candidate_layout layout) : layout_(layout) {}

  /// False: one that is in it makes this one superfluous. Those that this one makes so are dropped.
  bool add(candidate_view c);
  bool covers(candidate_view c) const;
  void clear();

  std::size_t size() const { return alive_; }
  std::size_t bytes() const;

  template <class Each>
  void each(Each f) const {
    for (std::size_t number = 0; number < dropped_.size(); ++number)
      if (!dropped_[number]) f(row(number));
  }
  /// Keeps the `count` candidates that allow most.
  void keep_best(std::size_t count);

 private:
  /// How many of the newest of one state are compared with a new one.
  static constexpr std::size_t compared_max = 2048;
  candidate_view row(std::size_t number) const {
    return {rows_.data() + number * layout_.row(), layout_.row()};
  }

  candidate_layout layout_;
  std::vector<std::uint64_t> rows_;
  std::vector<bool> dropped_;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> by_state_;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> by_hash_;
  std::size_t alive_ = 0;
};

}  // namespace us
