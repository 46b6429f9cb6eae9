#include "actors/app/json.hpp"

#include <capnp/compat/json.h>
#include <kj/encoding.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace us {

namespace {

using capnp::JsonCodec;
using capnp::JsonValue;

constexpr double exact_max = 9007199254740992.0;  // 2^53

// A JsonValue can hold a number only as a double. Digits are therefore carried as the function
// name of a call, which JSON does not have, and written as they are by write() below.
template <class Integer>
class integer_handler final : public JsonCodec::Handler<Integer> {
  void encode(const JsonCodec&, Integer input, JsonValue::Builder output) const override {
    output.initCall().setFunction(std::to_string(input));
  }

  Integer decode(const JsonCodec&, JsonValue::Reader input) const override {
    return input.isString() ? from_text(input.getString()) : from_number(input);
  }

  static Integer from_text(capnp::Text::Reader text) {
    Integer value = 0;
    auto [end, error] = std::from_chars(text.begin(), text.end(), value);
    KJ_REQUIRE(error == std::errc{} && end == text.end() && text.size() > 0, "not a 64-bit integer",
               text);
    return value;
  }

  static Integer from_number(JsonValue::Reader input) {
    KJ_REQUIRE(input.isNumber(), "must be an integer");
    auto number = input.getNumber();
    KJ_REQUIRE(std::trunc(number) == number, "must be an integer", number);
    KJ_REQUIRE(std::abs(number) <= exact_max, "write integers beyond 2^53 as strings", number);
    KJ_REQUIRE(number >= 0 || std::numeric_limits<Integer>::is_signed, "must not be negative",
               number);
    return static_cast<Integer>(number);
  }
};

class data_handler final : public JsonCodec::Handler<capnp::Data> {
  void encode(const JsonCodec&, capnp::Data::Reader input,
              JsonValue::Builder output) const override {
    auto text = input.asChars();
    if (!kj::encodeUtf16(text).hadErrors) {
      auto string = output.initString(static_cast<unsigned>(text.size()));
      std::copy(text.begin(), text.end(), string.begin());
      return;
    }
    auto array = output.initArray(static_cast<unsigned>(input.size()));
    for (unsigned i = 0; i < input.size(); ++i) array[i].setNumber(input[i]);
  }

  capnp::Orphan<capnp::Data> decode(const JsonCodec&, JsonValue::Reader input,
                                    capnp::Orphanage orphanage) const override {
    if (input.isString()) {
      auto text = input.getString();
      return orphanage.newOrphanCopy(capnp::Data::Reader{text.asBytes()});
    }
    KJ_REQUIRE(input.isArray(), "must be a string or an array of bytes");
    auto array = input.getArray();
    auto data = orphanage.newOrphan<capnp::Data>(array.size());
    for (unsigned i = 0; i < array.size(); ++i) {
      KJ_REQUIRE(array[i].isNumber(), "must be a byte");
      auto number = array[i].getNumber();
      KJ_REQUIRE(number >= 0 && number <= 255 && std::trunc(number) == number, "must be a byte",
                 number);
      data.get()[i] = static_cast<kj::byte>(number);
    }
    return data;
  }
};

class codec {
 public:
  codec(capnp::StructSchema schema, unknown_members unknown) {
    json_.addTypeHandler(signed_);
    json_.addTypeHandler(unsigned_);
    json_.addTypeHandler(data_);
    json_.handleByAnnotation(schema);
    json_.setRejectUnknownFields(unknown == unknown_members::refuse);
    json_.setMaxNestingDepth(32);
  }

  const JsonCodec& json() const { return json_; }

 private:
  integer_handler<std::int64_t> signed_;
  integer_handler<std::uint64_t> unsigned_;
  data_handler data_;
  JsonCodec json_;
};

void write(const JsonCodec& json, JsonValue::Reader value, std::string& out);

void write_array(const JsonCodec& json, capnp::List<JsonValue>::Reader values, std::string& out) {
  out += '[';
  for (unsigned i = 0; i < values.size(); ++i) {
    if (i > 0) out += ',';
    write(json, values[i], out);
  }
  out += ']';
}

void write_object(const JsonCodec& json, capnp::List<JsonValue::Field>::Reader fields,
                  std::string& out) {
  out += '{';
  for (unsigned i = 0; i < fields.size(); ++i) {
    if (i > 0) out += ',';
    auto name = json.encode(fields[i].getName());
    out.append(name.begin(), name.end());
    out += ':';
    write(json, fields[i].getValue(), out);
  }
  out += '}';
}

void write(const JsonCodec& json, JsonValue::Reader value, std::string& out) {
  switch (value.which()) {
    case JsonValue::ARRAY: return write_array(json, value.getArray(), out);
    case JsonValue::OBJECT: return write_object(json, value.getObject(), out);
    case JsonValue::CALL: out += value.getCall().getFunction().cStr(); return;
    default: {
      auto text = json.encodeRaw(value);
      out.append(text.begin(), text.end());
    }
  }
}

std::optional<unsigned> hex4(std::string_view text) {
  unsigned value = 0;
  if (text.size() < 4) return std::nullopt;
  auto [end, error] = std::from_chars(text.data(), text.data() + 4, value, 16);
  if (error != std::errc{} || end != text.data() + 4) return std::nullopt;
  return value;
}

// The character that the escape sequence at the front stands for (one, or a surrogate pair), and
// its length.
// A lone surrogate becomes U+FFFD.
std::optional<std::pair<char32_t, std::size_t>> escaped_character(std::string_view text) {
  if (!text.starts_with("\\u")) return std::nullopt;
  auto first = hex4(text.substr(2));
  if (!first) return std::nullopt;
  if (*first < 0xd800 || *first > 0xdfff) return std::pair<char32_t, std::size_t>{*first, 6};
  auto rest = text.substr(6);
  auto second = rest.starts_with("\\u") ? hex4(rest.substr(2)) : std::nullopt;
  if (*first < 0xdc00 && second && *second >= 0xdc00 && *second <= 0xdfff)
    return std::pair<char32_t, std::size_t>{
        0x10000 + ((*first - 0xd800) << 10) + (*second - 0xdc00), 12};
  return std::pair<char32_t, std::size_t>{0xfffd, 6};
}

// JsonCodec 0.9 makes one byte of an escaped character beyond ASCII, which is no UTF-8. So
// these escapes are replaced by the characters themselves first. A backslash is only ever within a
// string.
std::string without_wide_escapes(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    auto plain = std::min(text.find('\\'), text.size());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    auto escaped = escaped_character(text);
    if (escaped && escaped->first >= 0x80) {
      auto utf8 = kj::decodeUtf32(kj::arrayPtr(&escaped->first, 1));
      out.append(utf8.begin(), utf8.size());
      text.remove_prefix(escaped->second);
    } else {
      out += text.substr(0, 2);
      text.remove_prefix(std::min<std::size_t>(2, text.size()));
    }
  }
  return out;
}

std::string one_line(const kj::Exception& e) {
  std::string text{e.getDescription().cStr()};
  for (auto& c : text)
    if (c == '\n') c = ' ';
  return text;
}

}  // namespace

std::string to_json(capnp::DynamicStruct::Reader value) {
  codec codec{value.getSchema(), unknown_members::refuse};
  capnp::MallocMessageBuilder memory;
  auto root = memory.initRoot<JsonValue>();
  codec.json().encode(capnp::DynamicValue::Reader{value}, value.getSchema(), root);
  std::string out;
  write(codec.json(), root, out);
  return out;
}

std::string to_json(std::string_view text) {
  JsonCodec json;
  auto quoted = json.encode(capnp::Text::Reader{kj::heapString(text.data(), text.size())});
  return {quoted.begin(), quoted.size()};
}

status from_json(std::string_view text, capnp::DynamicStruct::Builder into,
                 unknown_members unknown) {
  if (kj::encodeUtf16({text.data(), text.size()}).hadErrors)
    return failure{errc::invalid_config, "the text is not UTF-8"};
  try {
    codec codec{into.getSchema(), unknown};
    auto plain = without_wide_escapes(text);
    codec.json().decode({plain.data(), plain.size()}, into);
    return done{};
  } catch (const kj::Exception& e) {
    return failure{errc::invalid_config, one_line(e)};
  }
}

}  // namespace us
