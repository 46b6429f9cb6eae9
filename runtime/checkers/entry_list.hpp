#pragma once
/// The beginnings and ends of some operations of a history, in order, as a doubly linked list out
/// of which operations are lifted and into which they are put back, last out first in.
///
/// Entries are numbers; 0 is the head, before the first. An open operation has no end in it.
/// Source: Wing and Gong 1993; Lowe 2017, section 3.

#include "runtime/checkers/history.hpp"

#include <vector>

namespace us {

class entry_list {
 public:
  using entry = std::uint32_t;
  static constexpr entry head = 0;
  static constexpr entry tail = static_cast<entry>(-1);

  /// What ends at position `until` or later counts as open.
  entry_list(const history& h, const std::vector<std::size_t>& subset, std::size_t until);

  entry next(entry e) const { return nodes_[e].next; }
  /// Which of the subset it is of.
  std::uint32_t operation_of(entry e) const { return nodes_[e].operation; }
  bool is_begin(entry e) const { return nodes_[e].is_begin; }

  void lift(entry begin);
  void put_back(entry begin);

 private:
  struct node {
    entry previous = head;
    entry next = tail;
    entry match = head;  ///< of a beginning: its end; the head: none
    std::uint32_t operation = 0;
    bool is_begin = false;
  };
  void unlink(entry e);
  void relink(entry e);

  std::vector<node> nodes_;
};

}  // namespace us
