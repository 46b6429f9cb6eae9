#include "runtime/service/record.hpp"

#include <cstring>

namespace us {

std::string to_bytes(capnp::MessageBuilder& message) {
  auto segments = message.getSegmentsForOutput();
  if (segments.size() == 1) {
    const std::uint32_t table[2] = {0, static_cast<std::uint32_t>(segments[0].size())};
    const auto content = segments[0].asChars();
    std::string bytes;
    bytes.reserve(sizeof table + content.size());
    bytes.append(reinterpret_cast<const char*>(table), sizeof table);
    bytes.append(content.begin(), content.size());
    return bytes;
  }
  std::string bytes(capnp::computeSerializedSizeInWords(segments) * sizeof(capnp::word), '\0');
  kj::ArrayOutputStream out{
      kj::ArrayPtr<kj::byte>(reinterpret_cast<kj::byte*>(bytes.data()), bytes.size())};
  capnp::writeMessage(out, segments);
  return bytes;
}

kj::ArrayPtr<capnp::word> message_scratch() {
  alignas(8) thread_local kj::byte bytes[4096] = {};
  return kj::arrayPtr(reinterpret_cast<capnp::word*>(bytes), sizeof bytes / sizeof(capnp::word));
}

kj::ArrayPtr<const capnp::word> as_words(std::string_view bytes) {
  return {reinterpret_cast<const capnp::word*>(bytes.data()), bytes.size() / sizeof(capnp::word)};
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

capnp::MallocMessageBuilder& raw_record::fresh_builder() {
  return builder_.emplace(64u);
}

}  // namespace us
