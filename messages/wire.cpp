#include "messages/wire.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include <xxhash.h>

namespace us {

namespace {

static_assert(std::endian::native == std::endian::little, "the header is written as it lies");

// A buffer that one large frame has grown is given back after it.
constexpr std::size_t kept_bytes_max = 1u << 20;

struct header {
  std::uint32_t size;
  std::uint32_t checksum;
};
static_assert(sizeof(header) == wire_header_bytes);

std::uint32_t checksum(std::span<const std::byte> payload) {
  return static_cast<std::uint32_t>(XXH3_64bits(payload.data(), payload.size()));
}

header read_header(std::span<const std::byte> front) {
  header read;
  std::memcpy(&read, front.data(), sizeof read);
  return read;
}

}  // namespace

std::array<std::byte, wire_header_bytes> wire_header(const frame& f) {
  return wire_header(f.payload());
}

std::array<std::byte, wire_header_bytes> wire_header(std::span<const std::byte> payload) {
  const header made{static_cast<std::uint32_t>(payload.size()), checksum(payload)};
  return std::bit_cast<std::array<std::byte, wire_header_bytes>>(made);
}

// Takes the next whole frame off the front of `bytes`; `error` says whether it is usable. False:
// there is none, or the stream has ended.
bool wire_reader::next(std::span<const std::byte>& bytes, frame& f, frame_error& error) {
  if (ended_ != frame_error::none) return false;
  if (!partial_.empty()) {
    if (!complete_partial(bytes)) return false;
    error = open(partial_, f);
    partial_.clear();
    if (partial_.capacity() > kept_bytes_max) partial_.shrink_to_fit();
  } else {
    const auto count = wanted(bytes);
    if (ended_ != frame_error::none) return false;
    if (bytes.size() < count) {
      partial_.assign(bytes.begin(), bytes.end());
      bytes = {};
      return false;
    }
    error = open(bytes.first(count), f);
    bytes = bytes.subspan(count);
  }
  return ended_ == frame_error::none;
}

bool wire_reader::complete_partial(std::span<const std::byte>& bytes) {
  for (;;) {
    const auto count = wanted(partial_);
    if (ended_ != frame_error::none) return false;
    if (partial_.size() == count) return true;
    const auto taken = bytes.first(std::min(count - partial_.size(), bytes.size()));
    if (taken.empty()) return false;
    partial_.insert(partial_.end(), taken.begin(), taken.end());
    bytes = bytes.subspan(taken.size());
  }
}

// Size of the frame that begins here, header included; of its header as long as that is not whole.
std::size_t wire_reader::wanted(std::span<const std::byte> front) {
  if (front.size() < wire_header_bytes) return wire_header_bytes;
  const std::size_t size = read_header(front).size;
  if (size > limits_.bytes_max)
    ended_ = frame_error::oversized;
  else if (size == 0 || size % sizeof(capnp::word) != 0)
    ended_ = frame_error::corrupted;
  return wire_header_bytes + size;
}

frame_error wire_reader::open(std::span<const std::byte> whole, frame& f) {
  const auto payload = whole.subspan(wire_header_bytes);
  if (checksum(payload) != read_header(whole).checksum) return ended_ = frame_error::corrupted;
  return frame::decode(payload, limits_, f);
}

}  // namespace us
