// The two readers of C++ text: what is code, and where functions begin and end.
#include "tests/tidy/source_tree.hpp"

#include <algorithm>
#include <cctype>

namespace us::tidy {

namespace {

/// Blanks from `at` up to `end`, keeping line ends.
void blank(std::string& text, std::size_t at, std::size_t end) {
  for (; at < std::min(end, text.size()); ++at)
    if (text[at] != '\n') text[at] = ' ';
}

std::size_t after(std::string_view text, std::string_view what, std::size_t from) {
  const auto at = text.find(what, from);
  return at == std::string_view::npos ? text.size() : at + what.size();
}

/// One past the quote that ends the literal whose first quote is at `at`.
std::size_t literal_end(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (++at; at < text.size() && text[at] != quote && text[at] != '\n'; ++at)
    if (text[at] == '\\') ++at;
  return at + 1;
}

std::size_t raw_literal_end(std::string_view text, std::size_t quote) {
  const auto open = text.find('(', quote);
  if (open == std::string_view::npos) return text.size();
  const auto close = ")" + std::string{text.substr(quote + 1, open - quote - 1)} + "\"";
  return after(text, close, open);
}

bool part_of_word(std::string_view text, std::size_t at) {
  return at > 0 && (std::isalnum(static_cast<unsigned char>(text[at - 1])) != 0);
}

/// One past the comment or literal that begins at `at`; `at` when none does.
std::size_t skipped_end(std::string_view text, std::size_t at) {
  const auto rest = text.substr(at);
  if (rest.starts_with("//")) return std::min(text.find('\n', at), text.size());
  if (rest.starts_with("/*")) return after(text, "*/", at + 2);
  if (rest.starts_with("R\"")) return raw_literal_end(text, at + 1);
  if (rest.starts_with('"')) return literal_end(text, at);
  if (rest.starts_with('\'') && !part_of_word(text, at)) return literal_end(text, at);  // not 1'000
  return at;
}

enum class scope { open, function, block };

bool has_word(std::string_view text, std::string_view word) {
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    if (!part_of_word(text, at) && (end == text.size() || text[end] == ' ' || text[end] == '\n'))
      return true;
  }
  return false;
}

/// What a brace opens after `head`, inside `outer`.
scope scope_of(std::string_view head, scope outer) {
  if (outer != scope::open) return scope::block;
  if (head.find('(') != std::string_view::npos && !has_word(head, "namespace"))
    return scope::function;
  for (const auto* word : {"namespace", "class", "struct", "union", "extern"})
    if (has_word(head, word)) return scope::open;
  return scope::block;
}

struct function_finder {
  struct brace {
    scope kind;
    std::size_t line;
    std::string head;
  };
  std::string_view code;
  std::vector<brace> braces;
  std::string head;
  std::size_t line = 1;
  std::vector<function_size> found;

  void open() {
    braces.push_back({scope_of(head, braces.empty() ? scope::open : braces.back().kind), line, head});
    head.clear();
  }
  void close(std::size_t at) {
    head.clear();
    if (braces.empty()) return;
    auto ended = std::move(braces.back());
    braces.pop_back();
    if (ended.kind != scope::function) return;
    const auto next = code.find_first_not_of(" \n", at + 1);
    if (next != std::string_view::npos && (code[next] == ',' || code[next] == '{'))
      head = std::move(ended.head);  // it was an initializer: the body comes
    else
      found.push_back({ended.line, line - ended.line + 1});
  }
  void read(std::size_t at) {
    switch (code[at]) {
      case '\n': ++line; break;
      case '{': return open();
      case '}': return close(at);
      case ';': return head.clear();
      default: break;
    }
    head += code[at];
  }
};

}  // namespace

std::string blank_comments_and_literals(std::string_view text) {
  std::string code{text};
  for (std::size_t at = 0; at < text.size();) {
    const auto end = skipped_end(text, at);
    blank(code, at, end);
    at = std::max(end, at + 1);
  }
  return code;
}

std::vector<function_size> functions_of(std::string_view code) {
  function_finder finder{.code = code, .braces = {}, .head = {}, .found = {}};
  bool directive = false;
  for (std::size_t at = 0; at < code.size(); ++at) {
    const bool starts_line = at == 0 || code[at - 1] == '\n';
    if (starts_line && !(directive && at > 1 && code[at - 2] == '\\')) directive = code[at] == '#';
    if (!directive || code[at] == '\n') finder.read(at);
  }
  return finder.found;
}

}  // namespace us::tidy
