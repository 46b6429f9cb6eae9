// One EDN map of porcupine's recorded histories as an event: keywords, integers, strings, nil and
// vectors.
#include "runtime/checkers/event_format.hpp"

#include <charconv>
#include <map>
#include <string_view>

namespace us {

namespace {

failure wrong(std::string text) {
  return {errc::invalid_input, std::move(text)};
}

/// A cursor over one line. Every reader leaves it after what it has read, and says whether it
/// could.
class edn_line {
 public:
  explicit edn_line(std::string_view text) : rest_(text) {}

  bool take(char c) {
    skip_space();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool at_end() {
    skip_space();
    return rest_.empty();
  }
  bool keyword(std::string& to) {
    if (!take(':')) return false;
    to = std::string{word()};
    return !to.empty();
  }
  bool value(history_value& to) {
    skip_space();
    if (rest_.starts_with('"')) return text(to);
    if (rest_.starts_with(':')) {
      std::string name;
      if (!keyword(name)) return false;
      to = ":" + name;
      return true;
    }
    return atom(word(), to);
  }

 private:
  void skip_space() {  // a comma is space in EDN
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r,"), rest_.size()));
  }
  std::string_view word() {
    const auto end = std::min(rest_.find_first_of(" \t\r,}]\"[{:"), rest_.size());
    const auto found = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return found;
  }
  static bool atom(std::string_view word, history_value& to) {
    if (word == "nil") return to = history_value{}, true;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    to = number;
    return error == std::errc{} && end == word.data() + word.size() && !word.empty();
  }
  bool text(history_value& to) {
    std::string found;
    for (std::size_t at = 1; at < rest_.size(); ++at) {
      if (rest_[at] == '"') {
        rest_.remove_prefix(at + 1);
        to = std::move(found);
        return true;
      }
      if (rest_[at] != '\\') {
        found += rest_[at];
        continue;
      }
      if (++at == rest_.size()) return false;
      const auto escape = rest_[at];
      found += escape == 'n' ? '\n' : escape == 't' ? '\t' : escape == 'r' ? '\r' : escape;
    }
    return false;
  }

  std::string_view rest_;
};

struct edn_field {
  std::vector<history_value> items;
  bool is_list = false;
};
using edn_map = std::map<std::string, edn_field>;

bool read_field(edn_line& line, edn_field& to) {
  to.is_list = line.take('[');
  while (!(to.is_list && line.take(']'))) {
    if (to.items.size() == 3) return false;
    if (!line.value(to.items.emplace_back())) return false;
    if (!to.is_list) break;
  }
  return true;
}

bool read_map(edn_line& line, edn_map& to) {
  if (!line.take('{')) return false;
  while (!line.take('}')) {
    std::string name;
    if (!line.keyword(name) || !read_field(line, to[name])) return false;
  }
  return line.at_end();
}

template <class T>
const T* one(const edn_map& map, const char* name) {
  const auto found = map.find(name);
  if (found == map.end() || found->second.is_list || found->second.items.size() != 1)
    return nullptr;
  return std::get_if<T>(&found->second.items[0]);
}

/// The name of a keyword's value, without its colon.
std::string name_of(const edn_map& map, const char* field) {
  const auto* text = one<std::string>(map, field);
  return text != nullptr && text->starts_with(':') ? text->substr(1) : "";
}

}  // namespace

result<history_event> parse_porcupine_event(const std::string& text) {
  edn_line line{text};
  edn_map map;
  if (!read_map(line, map))
    return wrong("is not an EDN map of keywords, integers, strings and nil");
  history_event e;
  const auto* who = one<std::int64_t>(map, "process");
  if (who == nullptr) return wrong(":process: must be an integer");
  e.process = *who;
  const auto type = parse_event_type(name_of(map, "type"));
  if (!type) return wrong(":type: must be :invoke, :ok, :fail or :info");
  e.type = *type;
  e.f = name_of(map, "f");
  if (e.f.empty()) return wrong(":f: must be a keyword, the operation's name");
  if (const auto* key = one<std::string>(map, "key"))
    e.key = *key;
  else if (map.contains("key"))
    return wrong(":key: must be a string");
  const auto value = map.find("value");
  if (value == map.end()) return e;
  e.value = value->second.items;
  e.is_pair = value->second.is_list;
  return e;
}

}  // namespace us
