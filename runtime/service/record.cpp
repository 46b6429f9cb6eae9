#include "runtime/service/record.hpp"

#include <algorithm>
#include <cstring>

namespace us {

std::size_t size_in_bytes(capnp::MessageBuilder& message) {
  return capnp::computeSerializedSizeInWords(message.getSegmentsForOutput()) * sizeof(capnp::word);
}

void append_bytes(std::string& to, capnp::MessageBuilder& message) {
  const auto segments = message.getSegmentsForOutput();
  const auto before = to.size();
  const auto size = size_in_bytes(message);
  if (segments.size() == 1) {
    const std::uint32_t table[2] = {0, static_cast<std::uint32_t>(segments[0].size())};
    const auto content = segments[0].asChars();
    if (to.empty()) to.reserve(size);
    to.append(reinterpret_cast<const char*>(table), sizeof table);
    to.append(content.begin(), content.size());
    return;
  }
  to.resize(before + size);
  kj::ArrayOutputStream out{
      kj::ArrayPtr<kj::byte>(reinterpret_cast<kj::byte*>(to.data()) + before, size)};
  capnp::writeMessage(out, segments);
}

std::string to_bytes(capnp::MessageBuilder& message) {
  std::string bytes;
  append_bytes(bytes, message);
  return bytes;
}

kj::ArrayPtr<const capnp::word> as_words(std::string_view bytes) {
  return {reinterpret_cast<const capnp::word*>(bytes.data()), bytes.size() / sizeof(capnp::word)};
}

struct lent_segment::memory {
  alignas(capnp::word) kj::byte bytes[4096] = {};
};

struct lent_segment::pool {
  static constexpr std::size_t kept_max = 16;
  std::vector<std::unique_ptr<memory>> free;
};

lent_segment::pool& lent_segment::of_thread() {
  thread_local pool own;
  return own;
}

lent_segment::lent_segment() {
  auto& free = of_thread().free;
  if (free.empty()) {
    own_ = std::make_unique<memory>();
  } else {
    own_ = std::move(free.back());
    free.pop_back();
  }
}

// The builder has zeroed what it used.
lent_segment::~lent_segment() {
  auto& free = of_thread().free;
  if (free.size() < pool::kept_max) free.push_back(std::move(own_));
}

kj::ArrayPtr<capnp::word> lent_segment::words() const {
  return kj::arrayPtr(reinterpret_cast<capnp::word*>(own_->bytes),
                      sizeof own_->bytes / sizeof(capnp::word));
}

in_place_builder::in_place_builder(std::string& into, std::size_t words_hint)
    : into_(into), hint_(words_hint) {}

kj::ArrayPtr<capnp::word> in_place_builder::allocateSegment(unsigned words_min) {
  if (into_.empty()) {
    const auto count = std::max<std::size_t>(hint_, words_min);
    into_.assign((count + 1) * sizeof(capnp::word), '\0');  // the segment table comes first
    return {reinterpret_cast<capnp::word*>(into_.data()) + 1, count};
  }
  const auto count = std::max<std::size_t>(into_.size() / sizeof(capnp::word), words_min);
  others_.push_back(std::make_unique<capnp::word[]>(count));
  return {others_.back().get(), count};
}

void in_place_builder::finish() {
  auto segments = getSegmentsForOutput();
  if (segments.size() > 1) {
    into_ = to_bytes(*this);
    return;
  }
  const std::uint32_t table[2] = {0, static_cast<std::uint32_t>(segments[0].size())};
  std::memcpy(into_.data(), table, sizeof table);
  into_.resize((segments[0].size() + 1) * sizeof(capnp::word));
}

capnp::ReaderOptions record_reader_options() {
  // The limit is against hostile bytes; these are ours, and a handler that reads a large value
  // in a loop would meet it.
  capnp::ReaderOptions options;
  options.traversalLimitInWords = kj::maxValue;
  return options;
}

bool raw_record::exists() {
  return builder_.has_value() || reader() != nullptr;
}

void raw_record::erase() {
  forget();
  view_.erase(key_);
}

void raw_record::forget() {
  builder_.reset();
  reader_.reset();
  loaded_ = true;
}

void raw_record::store() {
  if (!builder_) return;
  reader_.reset();  // it may read the bytes that are replaced now
  // The handler may hold a Builder and go on with it, so the message stays and is stored again.
  view_.put(key_, to_bytes(*builder_));
}

capnp::MessageReader* raw_record::reader() {
  if (!loaded_) {
    loaded_ = true;
    stored_ = view_.get(key_);
    if (stored_) reader_.emplace(as_words(*stored_), record_reader_options());
  }
  return reader_ ? &*reader_ : nullptr;
}

capnp::MessageBuilder& raw_record::fresh_builder() {
  return builder_.emplace();
}

}  // namespace us
