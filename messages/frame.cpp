#include "messages/frame.hpp"

#include <kj/exception.h>

#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include <xxhash.h>

namespace us {

namespace {

std::uint64_t nonzero_hash(std::string_view name, std::uint64_t seed) {
  auto hash = XXH3_64bits_withSeed(name.data(), name.size(), seed);
  return hash == 0 ? 1 : hash;
}

// Our builders make few segments. Readers keep a table of them, and a hostile one would
// take four times the memory of the message.
constexpr std::uint32_t segments_max = 512;

bool too_many_segments(std::span<const std::byte> payload) {
  std::uint32_t count_less_one = 0;
  std::memcpy(&count_less_one, payload.data(), sizeof count_less_one);
  return count_less_one >= segments_max;
}

// Segment count minus one and the size of the only segment, as the stream format has it.
void write_segment_table(capnp::word* table, std::uint32_t size) {
  const std::uint32_t fields[2] = {0, size};
  std::memcpy(table, fields, sizeof fields);
}

envelope read_envelope(message::Envelope::Reader reader) {
  return {reader.getType(),
          {node_id{reader.getFromNode()}, actor_key{reader.getFromActor()}},
          actor_key{reader.getTo()},
          epoch{reader.getEpoch()}};
}

}  // namespace

node_id node_id_of(std::string_view name) {
  return {nonzero_hash(name, 1)};
}

actor_key actor_key_of(std::string_view name) {
  return {nonzero_hash(name, 2)};
}

std::string to_string(frame_error error) {
  switch (error) {
    case frame_error::none: return "none";
    case frame_error::truncated: return "truncated";
    case frame_error::oversized: return "oversized";
    case frame_error::corrupted: return "corrupted";
    case frame_error::malformed: return "malformed";
  }
  return "unknown";
}

std::string to_string(const frame& f) {
  return f.empty() ? "frame()" : "frame(" + std::to_string(f.type()) + ")";
}

capnp::ReaderOptions reader_options(std::size_t words, const frame_limits& limits) {
  capnp::ReaderOptions options;
  options.traversalLimitInWords = words * 16 + 4096;
  options.nestingLimit = limits.nesting_max;
  return options;
}

frame::block* frame::allocate(std::size_t words, bool zeroed) {
  const auto bytes = sizeof(block) + words * sizeof(capnp::word);
  // glibc's calloc passes by the thread's cache: for small frames malloc and memset are faster.
  constexpr std::size_t small = 1024;
  auto* memory = zeroed && bytes > small ? std::calloc(1, bytes) : std::malloc(bytes);
  if (memory == nullptr) throw std::bad_alloc{};
  if (zeroed && bytes <= small) std::memset(memory, 0, bytes);
  auto* made = new (memory) block;
  made->count = words;
  return made;
}

void frame::release(block* last) noexcept {
  std::destroy_at(last);
  std::free(last);
}

std::span<const std::byte> frame::payload() const {
  if (empty()) return {};
  return {reinterpret_cast<const std::byte*>(block_->words()), size()};
}

kj::ArrayPtr<const capnp::word> frame::words() const {
  if (empty()) return nullptr;
  return {std::as_const(*block_).words(), block_->count};
}

frame_error frame::decode(std::span<const std::byte> payload, const frame_limits& limits,
                          frame& result) {
  if (payload.size() > limits.bytes_max) return frame_error::oversized;
  if (payload.empty() || payload.size() % sizeof(capnp::word) != 0) return frame_error::truncated;
  if (too_many_segments(payload)) return frame_error::malformed;
  frame copy{allocate(payload.size() / sizeof(capnp::word), false)};
  auto& made = *copy.block_;
  std::memcpy(made.words(), payload.data(), payload.size());
  try {
    capnp::FlatArrayMessageReader reader{copy.words(), reader_options(made.count, limits)};
    if (reader.getEnd() != made.words() + made.count) return frame_error::malformed;
    auto root = reader.getRoot<message::Envelope>();
    made.head = read_envelope(root);
    if (made.head.type == 0 || !root.hasBody()) return frame_error::malformed;
    (void)root.getBody().targetSize();
  } catch (const kj::Exception&) {
    return frame_error::malformed;
  }
  result = std::move(copy);
  return frame_error::none;
}

frame_builder::frame_builder(const envelope& head, std::size_t words_hint)
    : head_(head), hint_(words_hint) {
  root_ = initRoot<message::Envelope>();
  root_.setType(head.type);
  root_.setFromNode(head.from.node.value);
  root_.setFromActor(head.from.actor.value);
  root_.setTo(head.to.value);
  root_.setEpoch(head.epoch.value);
}

frame_builder::~frame_builder() noexcept = default;

kj::ArrayPtr<capnp::word> frame_builder::allocateSegment(unsigned words_min) {
  if (first_.empty()) {
    // The envelope takes 8 words, the segment table in front of the first segment one.
    const auto count = std::max<std::size_t>(hint_ + 9, words_min);
    first_ = frame{frame::allocate(count + 1, true)};
    return {first_.block_->words() + 1, count};
  }
  const auto before = others_.empty() ? first_.block_->count : others_.back().count;
  const auto count = std::max<std::size_t>(before * 2, words_min);
  others_.push_back({std::make_unique<capnp::word[]>(count), count});
  return {others_.back().words.get(), count};
}

frame frame_builder::finish() {
  auto segments = getSegmentsForOutput();
  if (segments.size() == 1) {
    const auto used = segments[0].size();
    write_segment_table(first_.block_->words(), static_cast<std::uint32_t>(used));
    first_.block_->count = used + 1;
    first_.block_->built_here = true;
  } else {
    const auto count = capnp::computeSerializedSizeInWords(segments);
    frame whole{frame::allocate(count, true)};
    kj::ArrayOutputStream out{kj::ArrayPtr<capnp::word>(whole.block_->words(), count).asBytes()};
    capnp::writeMessage(out, segments);
    first_ = std::move(whole);
  }
  first_.block_->head = head_;
  return std::move(first_);
}

opened_frame::opened_frame(frame f, const frame_limits& limits) : frame_(std::move(f)) {
  if (frame_.block_ != nullptr && frame_.block_->built_here) return;
  reader_.emplace(frame_.words(), reader_options(frame_.words().size(), limits));
}

message::Envelope::Reader opened_frame::root() {
  if (reader_) return reader_->getRoot<message::Envelope>();
  return capnp::readMessageUnchecked<message::Envelope>(frame_.words().begin() + 1);
}

}  // namespace us
