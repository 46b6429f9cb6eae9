#pragma once
/// Remembers which pairs of (set of placed operations, state) a search has reached.
///
/// Owns a set of bits that changes one at a time, and its hash, which follows each change in
/// constant time. The remembered sets lie one after another in blocks, found through a table of
/// open addressing.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace us {

class search_memory {
 public:
  explicit search_memory(std::size_t operations);

  /// Puts an operation into the set, or takes it out.
  void flip(std::uint32_t operation);
  /// False: the present set with this state was remembered before.
  bool remember(std::uint32_t state);

  std::size_t bytes() const;

 private:
  static constexpr std::size_t block_rows = 4096;
  std::uint64_t* row(std::size_t number) const;
  bool same(std::size_t number, std::uint64_t hash, std::uint32_t state) const;
  void grow();

  std::size_t words_;  ///< of a set
  std::vector<std::uint64_t> set_;
  std::uint64_t set_hash_ = 0;
  std::vector<std::unique_ptr<std::uint64_t[]>> blocks_;  ///< rows: hash, state, set
  std::size_t rows_ = 0;
  std::vector<std::uint32_t> table_;  ///< row number + 1; 0: free
};

}  // namespace us
