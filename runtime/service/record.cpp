#include "runtime/service/record.hpp"

#include <cstring>

namespace us {

std::string to_bytes(capnp::MessageBuilder& message) {
  auto segments = message.getSegmentsForOutput();
  std::string bytes(capnp::computeSerializedSizeInWords(segments) * sizeof(capnp::word), '\0');
  kj::ArrayOutputStream out{
      kj::ArrayPtr<kj::byte>(reinterpret_cast<kj::byte*>(bytes.data()), bytes.size())};
  capnp::writeMessage(out, segments);
  return bytes;
}

kj::ArrayPtr<const capnp::word> as_words(std::string_view bytes) {
  return {reinterpret_cast<const capnp::word*>(bytes.data()), bytes.size() / sizeof(capnp::word)};
}

bool raw_record::exists() {
  return builder_.has_value() || reader() != nullptr;
}

void raw_record::erase() {
  builder_.reset();
  reader_.reset();
  loaded_ = true;
  view_.erase(key_);
}

void raw_record::store() {
  if (!builder_) return;
  reader_.reset();  // it may read the bytes that are replaced now
  loaded_ = false;
  view_.put(key_, to_bytes(*builder_));
  builder_.reset();
}

capnp::MessageReader* raw_record::reader() {
  if (!loaded_) {
    loaded_ = true;
    if (auto bytes = view_.get(key_)) reader_.emplace(as_words(*bytes));
  }
  return reader_ ? &*reader_ : nullptr;
}

capnp::MallocMessageBuilder& raw_record::fresh_builder() {
  return builder_.emplace(64u);
}

}  // namespace us
