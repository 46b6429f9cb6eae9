#include "messages/wire.hpp"

#include <cstring>

#include <xxhash.h>

namespace us {

namespace {

std::uint32_t checksum(std::span<const std::byte> payload) {
  return static_cast<std::uint32_t>(XXH3_64bits(payload.data(), payload.size()));
}

}  // namespace

std::array<std::byte, wire_header_bytes> wire_header(const frame& f) {
  const std::uint32_t fields[2] = {static_cast<std::uint32_t>(f.size()), checksum(f.payload())};
  std::array<std::byte, wire_header_bytes> header;
  std::memcpy(header.data(), fields, sizeof fields);
  return header;
}

frame_error wire_reader::next(std::size_t at, std::size_t& used, frame& f,
                              frame_error& fatal) const {
  used = 0;
  auto left = buffer_.size() - at;
  if (left < wire_header_bytes) return frame_error::truncated;
  std::uint32_t fields[2];
  std::memcpy(fields, buffer_.data() + at, sizeof fields);
  const auto [size, expected] = fields;
  if (size > limits_.bytes_max) return fatal = frame_error::oversized;
  if (size == 0 || size % sizeof(capnp::word) != 0) return fatal = frame_error::corrupted;
  if (left < wire_header_bytes + size) return frame_error::truncated;
  std::span<const std::byte> payload{buffer_.data() + at + wire_header_bytes, size};
  if (checksum(payload) != expected) return fatal = frame_error::corrupted;
  used = wire_header_bytes + size;
  return frame::decode(payload, limits_, f);
}

}  // namespace us
