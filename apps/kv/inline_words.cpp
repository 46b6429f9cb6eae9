#include "apps/kv/inline_words.hpp"

namespace kv {

namespace {

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char escaped(char c) {
  switch (c) {
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'b': return '\b';
    case 'a': return '\a';
    default: return c;
  }
}

}  // namespace

bool inline_reader::seek() {
  while (more() && is_space(line[at])) ++at;
  return more();
}

bool inline_reader::read() {
  word_end = at;
  while (more()) {
    const char c = line[at];
    // \v and \f part words only where one begins, as in Redis
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t') break;
    if (c == '"' || c == '\'') return read_quoted(c);
    put(c);
    ++at;
  }
  return true;
}

// From the opening quote to behind the closing one, which ends the word.
bool inline_reader::read_quoted(char quote) {
  ++at;
  while (more() && line[at] != quote) {
    if (line[at] == '\\' && at + 1 < line.size() && line[at + 1] != '\0') {
      if (quote == '"') {
        read_escape();
        continue;
      }
      if (line[at + 1] == '\'') ++at;
    }
    put(line[at++]);
  }
  if (!more()) return false;
  ++at;
  return !more() || is_space(line[at]);
}

void inline_reader::read_escape() {
  if (at + 3 < line.size() && line[at + 1] == 'x') {
    const int high = hex_value(line[at + 2]);
    const int low = hex_value(line[at + 3]);
    if (high >= 0 && low >= 0) {
      put(static_cast<char>(high * 16 + low));
      at += 4;
      return;
    }
  }
  put(escaped(line[at + 1]));
  at += 2;
}

}  // namespace kv
