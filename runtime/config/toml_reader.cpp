#include "runtime/config/toml_reader.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace us {

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      auto replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

const char* type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "an array";
    case toml::node_type::string: return "a string";
    case toml::node_type::integer: return "an integer";
    case toml::node_type::floating_point: return "a floating-point number";
    case toml::node_type::boolean: return "a boolean";
    case toml::node_type::date: return "a date";
    case toml::node_type::time: return "a time";
    case toml::node_type::date_time: return "a date with time";
    default: return "nothing";
  }
}

// Enough digits for limits as people write them: 1, 0.5.
std::string shown(double number) {
  auto text = std::to_string(number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string range_text(const std::string& low, const std::string& high, const std::string& is) {
  return "must be from " + low + " to " + high + ", is " + is;
}

}  // namespace

void config_place::fail(const std::string& what) const {
  auto where = *file + ":" + std::to_string(line) + ": ";
  throw config_error{where + (key.empty() ? "" : key + ": ") + what};
}

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  auto best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const auto& candidate : candidates) {
    auto distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

std::string toml_reader::dotted(std::string_view key) const {
  if (path_.empty() || key.empty()) return path_ + std::string{key};
  return path_ + "." + std::string{key};
}

std::uint32_t toml_reader::line_of(std::string_view key) const {
  for (const auto& [name, node] : *table_)
    if (name.str() == key)
      return name.source().begin.line != 0 ? name.source().begin.line : node.source().begin.line;
  return std::max<std::uint32_t>(1, table_->source().begin.line);
}

config_place toml_reader::place(std::string_view key) const {
  return {file_, line_of(key), dotted(key)};
}

void toml_reader::fail(std::string_view key, const std::string& what) const {
  place(key).fail(what);
}

void toml_reader::wrong_type(std::string_view key, const toml::node& is, const char* must) const {
  fail(key, std::string{"must be "} + must + ", is " + type_name(is));
}

void toml_reader::allow(const std::vector<std::string>& keys) const {
  const toml::key* first = nullptr;
  for (const auto& [name, node] : *table_) {
    auto known = std::find(keys.begin(), keys.end(), name.str()) != keys.end();
    if (!known && (first == nullptr || name.source().begin.line < first->source().begin.line))
      first = &name;
  }
  if (first == nullptr) return;
  auto meant = nearest(first->str(), keys);
  fail(first->str(), meant.empty() ? "unknown key; known are " + listed(keys)
                                   : "unknown key; did you mean " + meant + "?");
}

std::string toml_reader::text(std::string_view key) const {
  if (!has(key)) fail(key, "missing");
  return text_or(key, "");
}

std::string toml_reader::text_or(std::string_view key, std::string otherwise) const {
  const auto* node = find(key);
  if (node == nullptr) return otherwise;
  if (!node->is_string()) wrong_type(key, *node, "a string");
  return node->as_string()->get();
}

std::vector<std::string> toml_reader::texts(std::string_view key) const {
  const auto* node = find(key);
  if (node == nullptr) fail(key, "missing");
  if (!node->is_array()) wrong_type(key, *node, "an array of strings");
  std::vector<std::string> found;
  for (const auto& element : *node->as_array()) {
    if (!element.is_string()) wrong_type(key, element, "an array of strings");
    found.push_back(element.as_string()->get());
  }
  return found;
}

std::string toml_reader::choice_or(std::string_view key, const std::vector<std::string>& choices,
                                   std::string otherwise) const {
  auto chosen = text_or(key, std::move(otherwise));
  if (std::find(choices.begin(), choices.end(), chosen) != choices.end()) return chosen;
  auto meant = nearest(chosen, choices);
  fail(key, "\"" + chosen + "\" is not " + listed(choices) +
                (meant.empty() ? "" : "; did you mean " + meant + "?"));
}

std::int64_t toml_reader::integer_or(std::string_view key, std::int64_t low, std::int64_t high,
                                     std::int64_t otherwise) const {
  const auto* node = find(key);
  if (node == nullptr) return otherwise;
  if (!node->is_integer()) wrong_type(key, *node, "an integer");
  auto value = node->as_integer()->get();
  if (value < low || value > high)
    fail(key, range_text(std::to_string(low), std::to_string(high), std::to_string(value)));
  return value;
}

double toml_reader::number_or(std::string_view key, double low, double high,
                              double otherwise) const {
  const auto* node = find(key);
  if (node == nullptr) return otherwise;
  if (!node->is_number()) wrong_type(key, *node, "a number");
  auto value = *node->value<double>();
  if (!std::isfinite(value) || value < low || value > high)
    fail(key, range_text(shown(low), shown(high), shown(value)));
  return value;
}

bool toml_reader::boolean_or(std::string_view key, bool otherwise) const {
  const auto* node = find(key);
  if (node == nullptr) return otherwise;
  if (!node->is_boolean()) wrong_type(key, *node, "true or false");
  return node->as_boolean()->get();
}

std::optional<toml_reader> toml_reader::table(std::string_view key) const {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  if (!node->is_table()) wrong_type(key, *node, ("a table: [" + dotted(key) + "]").c_str());
  return toml_reader{*node->as_table(), dotted(key), *file_};
}

std::vector<std::pair<std::string, toml_reader>> toml_reader::tables_of(
    std::string_view key) const {
  std::vector<std::pair<std::string, toml_reader>> found;
  auto parent = table(key);
  if (!parent) return found;
  for (const auto& [name, node] : *parent->table_)
    found.emplace_back(std::string{name.str()}, *parent->table(name.str()));
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return a.second.table_->source().begin.line < b.second.table_->source().begin.line;
  });
  return found;
}

std::vector<toml_reader> toml_reader::elements_of(std::string_view key) const {
  std::vector<toml_reader> found;
  const auto* node = find(key);
  if (node == nullptr) return found;
  auto must = "an array of tables: [[" + dotted(key) + "]]";
  if (!node->is_array()) wrong_type(key, *node, must.c_str());
  for (const auto& element : *node->as_array()) {
    if (!element.is_table()) wrong_type(key, element, must.c_str());
    found.emplace_back(*element.as_table(), dotted(key), *file_);
  }
  return found;
}

}  // namespace us
