#pragma once
/// One command being executed: its arguments, the records, and the answer. Used by the command
/// functions only.
///
/// Readers and views of a record are valid until that record is written; what a command
/// answers from a record is copied into the answer before.

#include "apps/kv/commands.hpp"
#include "runtime/service/record.hpp"

#include <cstring>
#include <optional>

#include "apps/kv/kv.capnp.h"

namespace kv {

namespace text {
inline constexpr char syntax[] = "ERR syntax error";
inline constexpr char not_integer[] = "ERR value is not an integer or out of range";
inline constexpr char not_float[] = "ERR value is not a valid float";
inline constexpr char no_such_key[] = "ERR no such key";
inline constexpr char too_long[] = "ERR string exceeds maximum allowed size (proto-max-bulk-len)";
inline constexpr char answer_too_long[] =
    "ERR the reply would exceed 33554432 bytes: ask for fewer keys, or use SCAN or GETRANGE";
}  // namespace text

inline std::string_view as_text(capnp::Data::Reader data) {
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}

inline capnp::Data::Reader as_data(std::string_view bytes) {
  return {reinterpret_cast<const capnp::byte*>(bytes.data()), bytes.size()};
}

/// Without regard to the case of ASCII letters; `upper` is upper case.
bool same_word(std::string_view word, std::string_view upper);

constexpr std::int64_t never = 0;  ///< an expiry that is none

struct call {
  us::records<Value>& records;
  capnp::List<capnp::Data>::Reader arguments;
  Answer::Builder answer;
  const command& what;
  std::int64_t now_ms;
  std::uint64_t chance;  ///< differs from call to call

  unsigned count() const { return arguments.size(); }
  std::string_view argument(unsigned i) const { return as_text(arguments[i]); }
  bool option(unsigned i, std::string_view upper) const { return same_word(argument(i), upper); }

  /// The record at a key, null when absent or expired.
  us::record<Value>* find(std::string_view key);
  /// Replaces or creates the whole record.
  void put(std::string_view key, std::string_view value, std::int64_t expires_at);
  void erase(std::string_view key) { records[key].erase(); }

  void ok() { answer.setOk(); }
  void nil() { answer.setNil(); }
  void integer(std::int64_t value) { answer.setInteger(value); }
  void integer(std::size_t value) { answer.setInteger(static_cast<std::int64_t>(value)); }
  void bulk(std::string_view bytes) { answer.setBulk(as_data(bytes)); }
  void error(const char* text) { answer.setError(text); }
  void error(const std::string& text) { answer.setError(text.c_str()); }
  /// The i-th argument as an integer; nullopt: answered with an error.
  std::optional<std::int64_t> integer_argument(unsigned i);
  /// The text for an expiry that is out of range.
  void invalid_expiry();
};

inline std::string_view value_of(us::record<Value>& record) {
  return as_text(record.read().getData());
}
inline std::int64_t expiry_of(us::record<Value>& record) {
  return record.read().getExpiresAtMillis();
}

/// `base` + `amount` in the unit given by `milliseconds_each`; nullopt: overflow.
std::optional<std::int64_t> add_time(std::int64_t base, std::int64_t amount,
                                     std::int64_t milliseconds_each);

}  // namespace kv
