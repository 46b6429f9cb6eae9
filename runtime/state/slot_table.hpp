#pragma once
/// The records of one slot: a small hash table of blocks, one allocation per record.
///
/// A block is [key length u32][value length u32][value][key]; the value begins at 8 bytes into
/// an allocation, so it is 8-byte aligned as Cap'n Proto wants it. Behind the pointers stands
/// one byte of the hash for each, so that a lookup reads no block but the one it wants (once in 256
/// cells otherwise). Open addressing, linear probing, at most 7/8 full, no tombstones.
/// What a lookup costs is waiting for memory: whoever knows many keys says so ahead.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace us {

class slot_table {
 public:
  slot_table() = default;
  slot_table(slot_table&& other) noexcept;
  slot_table& operator=(slot_table&& other) noexcept;
  ~slot_table();

  struct entry {
    std::string_view key;
    std::string_view value;
  };

  /// Null when there is none. `hash` is that of the key, the same in every call.
  const std::byte* find(std::string_view key, std::uint64_t hash) const;
  static entry read(const std::byte* block);

  /// The next thing that a lookup of this hash will read, once what is before it has come.
  void fetch_cells(std::uint64_t hash) const;
  void fetch_block(std::uint64_t hash) const;
  /// And of a walk.
  void fetch_cells() const { __builtin_prefetch(cells_.get()); }
  void fetch_blocks() const;

  /// True when the key is new.
  bool put(std::string_view key, std::uint64_t hash, std::string_view value);
  bool erase(std::string_view key, std::uint64_t hash);

  template <class F>
  void each(F&& f) const {
    for (std::uint32_t i = 0; i < capacity_; ++i)
      if (const auto* block = blocks()[i]) f(read(block));
  }

 private:
  static constexpr std::uint32_t nowhere = UINT32_MAX;
  std::uint32_t locate(std::string_view key, std::uint64_t hash) const;
  std::uint32_t home(std::uint64_t hash) const { return position(hash) & (capacity_ - 1); }
  static std::uint32_t position(std::uint64_t hash) {
    return static_cast<std::uint32_t>(hash >> 24);
  }
  static std::uint8_t tag(std::uint64_t hash) { return static_cast<std::uint8_t>(hash >> 16); }
  std::byte** blocks() const { return cells_.get(); }
  std::uint8_t* tags() const { return reinterpret_cast<std::uint8_t*>(cells_.get() + capacity_); }
  void place(std::byte* block, std::uint64_t hash);
  void grow();
  void release();

  std::unique_ptr<std::byte*[]> cells_;  ///< `capacity_` blocks, then as many tags
  std::uint32_t capacity_ = 0;           ///< 0 or a power of two
  std::uint32_t count_ = 0;
};

/// Spreads keys over slots (low bits) and over a slot's cells (higher bits).
std::uint64_t key_hash(std::string_view key);

}  // namespace us
