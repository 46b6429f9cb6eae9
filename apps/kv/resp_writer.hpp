#pragma once
/// Writes replies in RESP2 or RESP3. Pure. What RESP2 has no type for takes the form that Redis
/// gives it there: maps and sets are arrays, doubles and verbatim texts are bulks.

#include <cstdint>
#include <string>
#include <string_view>

#include "apps/kv/kv.capnp.h"

namespace kv {

class resp_writer {
 public:
  resp_writer(std::string& out, bool resp3) : out_(out), resp3_(resp3) {}

  void ok() { out_.append("+OK\r\n"); }
  /// Line ends within simple texts and errors become spaces.
  void simple(std::string_view text) { line('+', text); }
  void error(std::string_view text) { line('-', text); }
  void integer(std::int64_t value) { number(':', value); }
  void bulk(std::string_view bytes);
  void nil() { out_.append(resp3_ ? "_\r\n" : "$-1\r\n"); }
  void number_double(double value);
  /// A text for people, not to be parsed as data.
  void verbatim(std::string_view text);
  /// Headers: that many elements (of a map: pairs) follow.
  void array(std::size_t elements) { number('*', static_cast<std::int64_t>(elements)); }
  void map(std::size_t pairs);
  void set(std::size_t elements);
  /// Throws kj::Exception when the message is malformed; what it wrote is then incomplete.
  void answer(Answer::Reader reply);

  bool resp3() const { return resp3_; }
  std::string& out() { return out_; }

 private:
  void number(char type, std::int64_t value);
  void line(char type, std::string_view text);

  std::string& out_;
  bool resp3_;
};

}  // namespace kv
