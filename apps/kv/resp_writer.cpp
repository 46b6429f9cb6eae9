#include "apps/kv/resp_writer.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace kv {

void resp_writer::number(char type, std::int64_t value) {
  std::array<char, 24> text;
  text[0] = type;
  auto* end = std::to_chars(text.data() + 1, text.data() + text.size() - 2, value).ptr;
  *end++ = '\r';
  *end++ = '\n';
  out_.append(text.data(), end);
}

void resp_writer::line(char type, std::string_view text) {
  out_ += type;
  const auto start = out_.size();
  out_.append(text);
  for (auto i = start; i < out_.size(); ++i)
    if (out_[i] == '\r' || out_[i] == '\n') out_[i] = ' ';
  out_.append("\r\n");
}

void resp_writer::bulk(std::string_view bytes) {
  number('$', static_cast<std::int64_t>(bytes.size()));
  out_.append(bytes).append("\r\n");
}

void resp_writer::number_double(double value) {
  std::array<char, 32> buffer;
  auto* end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  std::string_view text{buffer.data(), end};
  if (!resp3_) return bulk(text);
  out_.append(",").append(text).append("\r\n");
}

void resp_writer::verbatim(std::string_view text) {
  if (!resp3_) return bulk(text);
  number('=', static_cast<std::int64_t>(text.size() + 4));
  out_.append("txt:").append(text).append("\r\n");
}

void resp_writer::map(std::size_t pairs) {
  if (resp3_)
    number('%', static_cast<std::int64_t>(pairs));
  else
    array(2 * pairs);
}

void resp_writer::set(std::size_t elements) {
  number(resp3_ ? '~' : '*', static_cast<std::int64_t>(elements));
}

void resp_writer::answer(Answer::Reader reply) {
  switch (reply.which()) {
    case Answer::NIL: return nil();
    case Answer::OK: return ok();
    case Answer::SIMPLE: return simple({reply.getSimple().cStr(), reply.getSimple().size()});
    case Answer::ERROR: return error({reply.getError().cStr(), reply.getError().size()});
    case Answer::INTEGER: return integer(reply.getInteger());
    case Answer::BULK: {
      const auto bytes = reply.getBulk();
      return bulk({reinterpret_cast<const char*>(bytes.begin()), bytes.size()});
    }
    case Answer::ARRAY: {
      const auto elements = reply.getArray();
      array(elements.size());
      for (auto element : elements) answer(element);
      return;
    }
    case Answer::DOUBLE: return number_double(reply.getDouble());
  }
  error("ERR the reply has a type that this node does not know: update it");
}

}  // namespace kv
