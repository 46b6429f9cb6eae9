#pragma once
/// The words of an inline command's line, unquoted in place. Double quotes know \n \r \t \b \a,
/// \xHH and \ before any other character; single quotes know \' only. A closing quote must be
/// followed by a space or the end. A zero byte ends the line. Pure.

#include <cstddef>
#include <span>

namespace kv {

/// One word being unquoted: reads from `at`, writes to `word_end` <= `at`.
struct inline_reader {
  std::span<char> line;
  std::size_t at = 0;
  std::size_t word_end = 0;

  /// Moves to the next word; false at the end of the line.
  bool seek();
  /// Reads one word; false: its quotes are not balanced.
  bool read();

 private:
  bool more() const { return at < line.size() && line[at] != '\0'; }
  void put(char c) { line[word_end++] = c; }
  bool read_quoted(char quote);
  void read_escape();
};

/// Calls each(word) for every word. False: unbalanced quotes.
template <class Each>
bool split_inline(std::span<char> line, Each&& each) {
  inline_reader reader{line};
  while (reader.seek()) {
    const auto start = reader.at;
    if (!reader.read()) return false;
    each(std::span<const char>{line.data() + start, reader.word_end - start});
  }
  return true;
}

}  // namespace kv
