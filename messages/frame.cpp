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

capnp::word* zeroed_words(std::size_t count) {
  auto* memory = std::calloc(count, sizeof(capnp::word));
  if (memory == nullptr) throw std::bad_alloc{};
  return static_cast<capnp::word*>(memory);
}

capnp::word* copied_words(std::span<const std::byte> bytes) {
  auto* memory = std::malloc(bytes.size());
  if (memory == nullptr) throw std::bad_alloc{};
  std::memcpy(memory, bytes.data(), bytes.size());
  return static_cast<capnp::word*>(memory);
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

void frame::words_deleter::operator()(capnp::word* words) const noexcept {
  std::free(words);
}

std::span<const std::byte> frame::payload() const {
  if (empty()) return {};
  return {reinterpret_cast<const std::byte*>(data_->words.get()), size()};
}

kj::ArrayPtr<const capnp::word> frame::words() const {
  if (empty()) return nullptr;
  return {data_->words.get(), data_->count};
}

frame_error frame::decode(std::span<const std::byte> payload, const frame_limits& limits,
                          frame& result) {
  if (payload.size() > limits.bytes_max) return frame_error::oversized;
  if (payload.empty() || payload.size() % sizeof(capnp::word) != 0) return frame_error::truncated;
  if (too_many_segments(payload)) return frame_error::malformed;
  auto copy = std::make_shared<data>();
  copy->count = payload.size() / sizeof(capnp::word);
  copy->words.reset(copied_words(payload));
  try {
    capnp::FlatArrayMessageReader reader{
        kj::ArrayPtr<const capnp::word>(copy->words.get(), copy->count),
        reader_options(copy->count, limits)};
    if (reader.getEnd() != copy->words.get() + copy->count) return frame_error::malformed;
    auto root = reader.getRoot<message::Envelope>();
    copy->head = read_envelope(root);
    if (copy->head.type == 0 || !root.hasBody()) return frame_error::malformed;
    (void)root.getBody().targetSize();
  } catch (const kj::Exception&) {
    return frame_error::malformed;
  }
  result = frame{std::move(copy)};
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
  // The envelope takes 8 words, the segment table in front of the first segment one.
  auto count = segments_.empty() ? std::max<std::size_t>(hint_ + 9, words_min)
                                 : std::max<std::size_t>(segments_.back().second * 2, words_min);
  auto front = segments_.empty() ? 1u : 0u;
  auto* words = zeroed_words(count + front);
  segments_.emplace_back(words, count);
  return {words + front, count};
}

frame frame_builder::finish() {
  auto result = std::make_shared<frame::data>();
  result->head = head_;
  auto segments = getSegmentsForOutput();
  if (segments.size() == 1) {
    write_segment_table(segments_.front().first.get(),
                        static_cast<std::uint32_t>(segments[0].size()));
    result->words = std::move(segments_.front().first);
    result->count = segments[0].size() + 1;
  } else {
    auto count = capnp::computeSerializedSizeInWords(segments);
    result->words.reset(zeroed_words(count));
    result->count = count;
    kj::ArrayOutputStream out{kj::ArrayPtr<capnp::word>(result->words.get(), count).asBytes()};
    capnp::writeMessage(out, segments);
  }
  return frame{std::move(result)};
}

opened_frame::opened_frame(frame f, const frame_limits& limits)
    : frame_(std::move(f)), reader_(frame_.words(), reader_options(frame_.words().size(), limits)) {}

}  // namespace us
