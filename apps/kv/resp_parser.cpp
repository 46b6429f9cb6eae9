#include "apps/kv/resp_parser.hpp"

#include "apps/kv/inline_words.hpp"
#include "apps/kv/numbers.hpp"

#include <algorithm>
#include <cstring>

namespace kv {

resp_parser::result resp_parser::next(std::span<char> input) {
  consumed_ = 0;
  if (state_ == state::failed) return result::failed;
  for (;;) {
    bool skipped = false;
    auto got = result::incomplete;
    if (state_ != state::start) {
      got = parse_arguments(input);
    } else if (at_ < input.size()) {
      got = input[at_] == '*' ? parse_count(input, skipped) : parse_inline(input, skipped);
    }
    if (skipped) continue;
    if (got == result::incomplete && state_ == state::start) {
      // Empty commands are gone; a started line begins the next input.
      consumed_ = at_;
      scanned_ -= std::min(scanned_, at_);
      at_ = 0;
    }
    return got;
  }
}

// Starts on a command: offsets of its arguments count from the front of the input.
void resp_parser::begin() {
  arguments_.clear();
  scanned_ = at_;
}

resp_parser::result resp_parser::finish() {
  consumed_ = at_;
  at_ = scanned_ = 0;
  state_ = state::start;
  return result::command;
}

resp_parser::result resp_parser::fail(std::string text) {
  state_ = state::failed;
  error_ = "ERR Protocol error: " + std::move(text);
  return result::failed;
}

bool resp_parser::take_line(std::span<const char> input, std::string_view& line) {
  const auto from = std::max(scanned_, at_);
  const void* end =
      from < input.size() ? std::memchr(input.data() + from, '\r', input.size() - from) : nullptr;
  if (end == nullptr) {
    scanned_ = input.size();
    return false;
  }
  const auto stop = static_cast<std::size_t>(static_cast<const char*>(end) - input.data());
  if (stop + 2 > input.size()) {
    scanned_ = stop;
    return false;
  }
  line = {input.data() + at_, stop - at_};
  scanned_ = at_ = stop + 2;
  return true;
}

resp_parser::result resp_parser::parse_count(std::span<const char> input, bool& skipped) {
  std::string_view line;
  start_ = at_;
  if (!take_line(input, line)) {
    if (input.size() - at_ > line_bytes_max) return fail("too big mbulk count string");
    return result::incomplete;
  }
  const auto count = parse_integer(line.substr(1));
  if (!count || *count > arguments_max) return fail("invalid multibulk length");
  skipped = *count <= 0;
  if (skipped) return result::incomplete;
  begin();
  left_ = *count;
  state_ = state::header;
  return parse_arguments(input);
}

resp_parser::result resp_parser::parse_arguments(std::span<const char> input) {
  while (left_ > 0) {
    if (state_ == state::header) {
      const auto got = parse_header(input);
      if (got != result::command) return got;
    }
    if (input.size() - at_ < bulk_bytes_ + 2) return result::incomplete;
    arguments_.push_back(
        {static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(bulk_bytes_)});
    scanned_ = at_ += bulk_bytes_ + 2;
    --left_;
    state_ = state::header;
  }
  return finish();
}

// "$<length>"; `command`: read.
resp_parser::result resp_parser::parse_header(std::span<const char> input) {
  const auto start = at_;
  std::string_view line;
  if (!take_line(input, line)) {
    if (input.size() - start > line_bytes_max) return fail("too big bulk count string");
    return result::incomplete;
  }
  if (line.empty() || line.front() != '$') {
    std::string text = "expected '$', got '";
    // As Redis prints it: a zero byte ends the text, line ends become spaces.
    const char got = input[start];
    if (got != '\0') text += std::string{got == '\r' || got == '\n' ? ' ' : got} + "'";
    return fail(std::move(text));
  }
  const auto size = parse_integer(line.substr(1));
  if (!size || *size < 0 || static_cast<std::uint64_t>(*size) > bytes_max_)
    return fail("invalid bulk length");
  bulk_bytes_ = static_cast<std::size_t>(*size);
  if (at_ - start_ + bulk_bytes_ > bytes_max_ + line_bytes_max)  // room for keys and lengths
    return fail("a command may have " + std::to_string(bytes_max_) + " bytes");
  state_ = state::bulk;
  return result::command;
}

resp_parser::result resp_parser::parse_inline(std::span<char> input, bool& skipped) {
  const auto from = std::max(scanned_, at_);
  const void* end =
      from < input.size() ? std::memchr(input.data() + from, '\n', input.size() - from) : nullptr;
  if (end == nullptr) {
    scanned_ = input.size();
    if (input.size() - at_ > line_bytes_max) return fail("too big inline request");
    return result::incomplete;
  }
  const auto start = at_;
  auto stop = static_cast<std::size_t>(static_cast<const char*>(end) - input.data());
  at_ = stop + 1;
  if (stop > start && input[stop - 1] == '\r') --stop;
  begin();
  const bool balanced =
      split_inline(input.subspan(start, stop - start), [&](std::span<const char> word) {
        arguments_.push_back({static_cast<std::uint32_t>(word.data() - input.data()),
                              static_cast<std::uint32_t>(word.size())});
      });
  if (!balanced) return fail("unbalanced quotes in request");
  skipped = arguments_.empty();
  return skipped ? result::incomplete : finish();
}

}  // namespace kv
