#pragma once
/// Splits a client's bytes into commands: RESP arrays of bulk strings, and inline commands (a line
/// of words, quoted as Redis has it). Pure and incremental: what came in pieces is not read twice.
///
/// Owns no bytes. Arguments are places in the caller's input; an inline command's quotes are
/// taken off in place.
/// Errors: a text as Redis 7.0 gives it; nothing after it can be parsed. Every bound is checked on
/// the length that a client announces, before a byte of it is kept.

#include "apps/kv/commands.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kv {

class resp_parser {
 public:
  static constexpr std::size_t line_bytes_max = 64u << 10;
  static constexpr std::int64_t arguments_max = 1 << 20;

  enum class result : std::uint8_t { command, incomplete, failed };

  explicit resp_parser(std::size_t command_bytes_max = limits::command_bytes)
      : bytes_max_(command_bytes_max) {}

  /// Parses up to the end of the next command. `input` is all that was received and is not yet
  /// consumed. After every call the caller takes consumed() bytes off the front of it.
  result next(std::span<char> input);
  std::size_t consumed() const { return consumed_; }

  /// The command's arguments, at least one. Places in the `input` of the last call.
  std::size_t count() const { return arguments_.size(); }
  std::string_view argument(std::span<const char> input, std::size_t i) const {
    return {input.data() + arguments_[i].offset, arguments_[i].size};
  }

  /// After failed.
  const std::string& error() const { return error_; }

  /// Gives back memory that a large command took. Between commands only.
  void shrink() {
    if (state_ == state::start) arguments_ = {};
  }

 private:
  enum class state : std::uint8_t { start, header, bulk, failed };
  struct place {
    std::uint32_t offset;
    std::uint32_t size;
  };

  void begin();
  result parse_inline(std::span<char> input, bool& skipped);
  result parse_count(std::span<const char> input, bool& skipped);
  result parse_arguments(std::span<const char> input);
  result parse_header(std::span<const char> input);
  result finish();
  result fail(std::string text);
  /// The line at at_, without its end. False: not whole yet.
  bool take_line(std::span<const char> input, std::string_view& line);

  std::size_t bytes_max_;
  std::size_t consumed_ = 0;
  std::size_t start_ = 0;    ///< of the command being parsed
  std::size_t at_ = 0;       ///< parsed up to here
  std::size_t scanned_ = 0;  ///< no line end before this
  std::size_t bulk_bytes_ = 0;
  std::int64_t left_ = 0;  ///< arguments still to come
  state state_ = state::start;
  std::vector<place> arguments_;
  std::string error_;
};

}  // namespace kv
