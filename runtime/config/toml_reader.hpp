#pragma once
/// Typed reading of TOML tables with the place of every value, for configurations that
/// refuse what they do not know.
///
/// Errors: throws config_error, whose text is "file:line: key: what is wrong"; read_toml() turns it
/// into a result.

#include "runtime/error.hpp"

#include <toml++/toml.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace us {

struct config_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Where a value stands.
struct config_place {
  const std::string* file;
  std::uint32_t line;
  std::string key;  ///< dotted, as it is shown

  [[noreturn]] void fail(const std::string& what) const;
};

class toml_reader {
 public:
  /// `path` is the table's dotted name, empty for the file itself. Both arguments outlive this.
  toml_reader(const toml::table& table, std::string path, const std::string& file)
      : table_(&table), path_(std::move(path)), file_(&file) {}

  /// Refuses the first key, in the file's order, that is not among these.
  void allow(const std::vector<std::string>& keys) const;

  bool has(std::string_view key) const { return table_->contains(key); }
  /// The place of a key, or of the table when it does not have the key.
  config_place place(std::string_view key) const;
  [[noreturn]] void fail(std::string_view key, const std::string& what) const;

  /// Required.
  std::string text(std::string_view key) const;
  std::string text_or(std::string_view key, std::string otherwise) const;
  /// Required: an array of strings.
  std::vector<std::string> texts(std::string_view key) const;
  /// One of `choices`.
  std::string choice_or(std::string_view key, const std::vector<std::string>& choices,
                        std::string otherwise) const;
  std::int64_t integer_or(std::string_view key, std::int64_t low, std::int64_t high,
                          std::int64_t otherwise) const;
  double number_or(std::string_view key, double low, double high, double otherwise) const;
  bool boolean_or(std::string_view key, bool otherwise) const;

  /// An array of strings.
  std::vector<std::string> texts_or(std::string_view key, std::vector<std::string> otherwise) const;
  /// Every key, in alphabetical order.
  std::vector<std::string> keys() const;

  /// The tables below a key, in the file's order of keys or elements.
  std::optional<toml_reader> table(std::string_view key) const;
  std::vector<std::pair<std::string, toml_reader>> tables_of(std::string_view key) const;
  std::vector<toml_reader> elements_of(std::string_view key) const;

 private:
  const toml::node* find(std::string_view key) const { return table_->get(key); }
  std::string dotted(std::string_view key) const;
  std::uint32_t line_of(std::string_view key) const;
  [[noreturn]] void wrong_type(std::string_view key, const toml::node& is, const char* must) const;

  const toml::table* table_;
  std::string path_;
  const std::string* file_;
};

/// The candidate that `word` is most likely a slip of; empty when none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);
/// "a, b or c"
std::string listed(const std::vector<std::string>& words);

}  // namespace us
