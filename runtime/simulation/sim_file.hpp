#pragma once
/// A stored file in simulation: its durable bytes, its current bytes, and the writes between them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace us::sim {

class random_stream;

/// Bytes by offset; what was never written reads as zero and takes no memory, so that a
/// preallocated segment costs nothing.
class sparse_bytes {
 public:
  std::uint64_t size() const { return size_; }
  void resize(std::uint64_t size);
  /// Up to into.size() bytes; fewer at the end.
  std::size_t read(std::uint64_t offset, std::span<std::byte> into) const;
  /// Extends when needed.
  void write(std::uint64_t offset, std::span<const std::byte> bytes);
  /// As writing this many zeros; extends when needed.
  void zero(std::uint64_t offset, std::uint64_t count);
  sparse_bytes copy() const;
  void flip(std::uint64_t offset, unsigned bit);

 private:
  static constexpr std::size_t page_bytes = 4096;
  using page = std::array<std::byte, page_bytes>;

  std::uint64_t size_ = 0;
  std::vector<std::unique_ptr<page>> pages_;
};

struct crash_counts {
  std::uint64_t lost = 0;
  std::uint64_t torn = 0;
};

struct stored_file {
  /// A write of bytes or of so many zeros, or when `is_size` a change of the size to `offset`.
  struct change {
    std::uint64_t offset;
    std::vector<std::byte> bytes = {};
    std::uint64_t zeros = 0;
    bool is_size = false;
  };

  sparse_bytes durable;
  sparse_bytes current;
  std::vector<change> pending;
  bool linked = false;  ///< has a name, so that it counts as used space

  void write(std::uint64_t offset, std::span<const std::byte> bytes);
  void truncate(std::uint64_t size);
  void sync();
  /// Each pending change is lost, kept or torn, and what is left of it durable: what becomes of
  /// them when a sync fails. They can still be read.
  void decide_pending(random_stream& chance, crash_counts& counts);
  /// The same at a power loss: only what is durable can be read any more.
  void lose_unsynced(random_stream& chance, crash_counts& counts);

 private:
  void make_durable(const change& c);
  void tear(const change& c, random_stream& chance);
};

}  // namespace us::sim
