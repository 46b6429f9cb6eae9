#include "runtime/simulation/sim_file.hpp"

#include "runtime/simulation/random_stream.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace us::sim {

namespace {

constexpr std::uint64_t sector_bytes = 512;

// Compared with itself, one byte further: as fast as memory, where a loop over bytes was a third of
// a run's time, as logs write zeros ahead by the megabyte.
bool all_zero(std::span<const std::byte> bytes) {
  return bytes.empty() || (bytes[0] == std::byte{0} &&
                           std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

}  // namespace

void sparse_bytes::resize(std::uint64_t size) {
  const auto pages = static_cast<std::size_t>((size + page_bytes - 1) / page_bytes);
  pages_.resize(pages);
  // What lies behind a new, smaller end must read as zero when the file grows again.
  if (size < size_ && size % page_bytes != 0 && pages_.back())
    std::memset(pages_.back()->data() + size % page_bytes, 0, page_bytes - size % page_bytes);
  size_ = size;
}

std::size_t sparse_bytes::read(std::uint64_t offset, std::span<std::byte> into) const {
  if (offset >= size_) return 0;
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), size_ - offset));
  for (std::size_t done = 0; done < count;) {
    const auto at = offset + done;
    const auto in_page = static_cast<std::size_t>(at % page_bytes);
    const auto part = std::min(count - done, page_bytes - in_page);
    const auto& from = pages_[static_cast<std::size_t>(at / page_bytes)];
    if (from)
      std::memcpy(into.data() + done, from->data() + in_page, part);
    else
      std::memset(into.data() + done, 0, part);
    done += part;
  }
  return count;
}

void sparse_bytes::write(std::uint64_t offset, std::span<const std::byte> bytes) {
  if (offset + bytes.size() > size_) resize(offset + bytes.size());
  for (std::size_t done = 0; done < bytes.size();) {
    const auto at = offset + done;
    const auto in_page = static_cast<std::size_t>(at % page_bytes);
    const auto part = std::min(bytes.size() - done, page_bytes - in_page);
    auto& to = pages_[static_cast<std::size_t>(at / page_bytes)];
    const auto piece = bytes.subspan(done, part);
    if (!to && !all_zero(piece)) to = std::make_unique<page>();
    if (to) std::memcpy(to->data() + in_page, piece.data(), part);
    done += part;
  }
}

void sparse_bytes::zero(std::uint64_t offset, std::uint64_t count) {
  if (offset + count > size_) resize(offset + count);
  while (count > 0) {
    const auto in_page = static_cast<std::size_t>(offset % page_bytes);
    const auto part = std::min<std::uint64_t>(count, page_bytes - in_page);
    if (auto& at = pages_[static_cast<std::size_t>(offset / page_bytes)])
      std::memset(at->data() + in_page, 0, static_cast<std::size_t>(part));
    offset += part;
    count -= part;
  }
}

sparse_bytes sparse_bytes::copy() const {
  sparse_bytes other;
  other.size_ = size_;
  for (const auto& each : pages_)
    other.pages_.push_back(each ? std::make_unique<page>(*each) : nullptr);
  return other;
}

void sparse_bytes::flip(std::uint64_t offset, unsigned bit) {
  auto& at = pages_[static_cast<std::size_t>(offset / page_bytes)];
  if (!at) at = std::make_unique<page>();
  (*at)[offset % page_bytes] ^= std::byte{1} << bit;
}

void stored_file::write(std::uint64_t offset, std::span<const std::byte> bytes) {
  if (all_zero(bytes)) {
    current.zero(offset, bytes.size());
    pending.push_back({.offset = offset, .zeros = bytes.size()});
    return;
  }
  current.write(offset, bytes);
  pending.push_back({.offset = offset, .bytes = {bytes.begin(), bytes.end()}});
}

void stored_file::truncate(std::uint64_t size) {
  current.resize(size);
  pending.push_back({.offset = size, .is_size = true});
}

void stored_file::sync() {
  for (const auto& each : pending) make_durable(each);
  pending.clear();
}

void stored_file::make_durable(const change& c) {
  if (c.is_size)
    durable.resize(c.offset);
  else if (c.zeros > 0)
    durable.zero(c.offset, c.zeros);
  else
    durable.write(c.offset, c.bytes);
}

void stored_file::decide_pending(random_stream& chance, crash_counts& counts) {
  for (const auto& each : pending) {
    const auto fate = chance.between(0, 2);
    if (fate == 0 || (fate == 2 && each.is_size)) {
      ++counts.lost;
    } else if (fate == 1) {
      make_durable(each);
    } else {
      ++counts.torn;
      tear(each, chance);
    }
  }
  pending.clear();
}

void stored_file::lose_unsynced(random_stream& chance, crash_counts& counts) {
  decide_pending(chance, counts);
  current = durable.copy();
}

void stored_file::tear(const change& c, random_stream& chance) {
  const std::span<const std::byte> bytes{c.bytes};
  const auto size = c.zeros > 0 ? c.zeros : bytes.size();
  for (std::uint64_t done = 0; done < size;) {
    // Sectors as they lie on the disk, not as they lie in the write.
    const auto in_sector = (c.offset + done) % sector_bytes;
    const auto part = std::min(size - done, sector_bytes - in_sector);
    if (!chance.chance(0.5)) {
      done += part;
      continue;
    }
    if (c.zeros > 0)
      durable.zero(c.offset + done, part);
    else
      durable.write(c.offset + done, bytes.subspan(done, part));
    done += part;
  }
}

}  // namespace us::sim
