#pragma once
/// Where the pending operations of a search stand: a slot from beginning to end (an open one keeps
/// its slot for ever), and for each change the slots of the operations that it helps.
///
/// Owns the masks; knows the operations by their numbers in object_states.

#include "runtime/checkers/candidate_set.hpp"
#include "runtime/checkers/object_states.hpp"

#include <cstdint>
#include <vector>

namespace us {

class slot_table {
 public:
  using slot = std::uint32_t;
  using mask = std::vector<std::uint64_t>;
  static constexpr std::uint32_t free = static_cast<std::uint32_t>(-1);

  explicit slot_table(const object_states& states);

  candidate_layout layout() const { return layout_; }
  slot take(std::uint32_t operation);
  void give_back(slot s);
  /// The operation that has the slot, or `free`.
  std::uint32_t operator[](slot s) const { return at_[s]; }
  slot slots() const { return static_cast<slot>(layout_.slots); }
  const mask& helped_by(slot s) const { return helped_[s]; }
  /// Slots of open operations that can help nothing that has not ended by `position`. They owe
  /// nothing, so they may be forgotten.
  std::vector<slot> spent(std::size_t position) const;

 private:
  void note_helped(slot change, slot other);

  const object_states& states_;
  candidate_layout layout_;
  std::vector<std::uint32_t> at_;
  std::vector<mask> helped_;
};

/// A bit of a row of words.
inline bool has_bit(const std::uint64_t* words, std::uint32_t bit) {
  return ((words[bit / 64] >> (bit % 64)) & 1u) != 0;
}
inline void set_bit(std::uint64_t* words, std::uint32_t bit) {
  words[bit / 64] |= std::uint64_t{1} << (bit % 64);
}
inline void clear_bit(std::uint64_t* words, std::uint32_t bit) {
  words[bit / 64] &= ~(std::uint64_t{1} << (bit % 64));
}

}  // namespace us
