#pragma once
/// The one message between actors: an immutable, reference-counted Cap'n Proto
/// message under a routing envelope.
///
/// Owns its words; copying a frame copies a pointer. Within a process a frame is
/// handed over as it is, between processes payload() goes over the wire unchanged
/// behind the header of wire.hpp. Reading is thread-safe: each opened_frame has its
/// own reader.
/// Errors: decode() refuses what is not one whole, bounded, well-formed envelope.

#include "messages/ids.hpp"

#include <capnp/message.h>
#include <capnp/serialize.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "messages/frame.capnp.h"

namespace us {

/// Bounds on what is accepted from outside.
struct frame_limits {
  std::size_t bytes_max = 64u << 20;  ///< one frame's payload
  int nesting_max = 32;               ///< depth of pointers in a message
};

struct envelope {
  std::uint64_t type = 0;
  address from;
  actor_key to;
  us::epoch epoch;
};

enum class frame_error { none, truncated, oversized, corrupted, malformed };
std::string to_string(frame_error error);

class frame {
 public:
  frame() = default;
  frame(const frame& other) noexcept : block_(other.block_) {
    if (block_ != nullptr) block_->references.fetch_add(1, std::memory_order_relaxed);
  }
  frame(frame&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  frame& operator=(frame other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~frame() {
    if (block_ != nullptr && block_->references.fetch_sub(1, std::memory_order_acq_rel) == 1)
      release(block_);
  }

  /// Copies `payload` (a Cap'n Proto stream message whose root is an Envelope) into a
  /// new frame. Walks every pointer of the body once, so that out-of-bounds and
  /// too deeply nested messages are refused here and not in a handler.
  static frame_error decode(std::span<const std::byte> payload, const frame_limits& limits,
                            frame& result);

  bool empty() const { return block_ == nullptr; }
  const envelope& head() const { return block_->head; }
  std::uint64_t type() const { return block_->head.type; }
  /// Size and bytes of the Cap'n Proto stream message, 8-byte aligned.
  std::size_t size() const { return block_ ? block_->count * sizeof(capnp::word) : 0; }
  std::span<const std::byte> payload() const;
  kj::ArrayPtr<const capnp::word> words() const;

 private:
  friend class frame_builder;
  friend class opened_frame;
  /// One piece of memory per frame: this, and the message's words behind it.
  struct block {
    std::atomic<std::uint32_t> references{1};
    /// Built here, in one segment: its pointers need no checks when it is read.
    bool built_here = false;
    envelope head;
    std::size_t count = 0;

    capnp::word* words() { return reinterpret_cast<capnp::word*>(this + 1); }
    const capnp::word* words() const { return reinterpret_cast<const capnp::word*>(this + 1); }
  };
  static_assert(sizeof(block) % sizeof(capnp::word) == 0);

  explicit frame(block* own) : block_(own) {}
  static block* allocate(std::size_t words, bool zeroed);
  static void release(block* last) noexcept;

  block* block_ = nullptr;
};

/// For CAF's logs and error texts.
std::string to_string(const frame& f);

/// Builds a frame in place: the first segment is the frame's own memory, so a
/// message that fits `words_hint` is never copied.
class frame_builder final : private capnp::MessageBuilder {
 public:
  explicit frame_builder(const envelope& head, std::size_t words_hint = 64);
  ~frame_builder() noexcept override;

  template <class Body>
  typename Body::Builder body() {
    return root_.getBody().initAs<Body>();
  }

  /// Ends building. Call once.
  frame finish();

 private:
  kj::ArrayPtr<capnp::word> allocateSegment(unsigned words_min) override;

  struct segment {
    std::unique_ptr<capnp::word[]> words;
    std::size_t count;
  };

  envelope head_;
  std::size_t hint_;
  frame first_;                 ///< the first segment lies in it
  std::vector<segment> others_;  ///< when the hint was too small
  message::Envelope::Builder root_{nullptr};
};

/// Makes a frame of type Body; `fill` gets Body::Builder.
template <class Body, class Fill>
frame make_frame(envelope head, Fill&& fill, std::size_t words_hint = 64) {
  head.type = capnp::typeId<Body>();
  frame_builder builder{head, words_hint};
  fill(builder.body<Body>());
  return builder.finish();
}

/// A frame being read. Keeps the frame alive; readers got from it live as long.
class opened_frame {
 public:
  explicit opened_frame(frame f, const frame_limits& limits = {});

  /// Throws kj::Exception when the root is not an Envelope with a body of this shape.
  template <class Body>
  typename Body::Reader body() {
    return root().getBody().template getAs<Body>();
  }

 private:
  message::Envelope::Reader root();

  frame frame_;
  std::optional<capnp::FlatArrayMessageReader> reader_;  ///< for what came from outside
};

/// Reading bounds for a message of `words` words: generous enough for a handler that
/// reads everything several times, small enough to stop amplification.
capnp::ReaderOptions reader_options(std::size_t words, const frame_limits& limits = {});

}  // namespace us
