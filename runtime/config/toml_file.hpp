#pragma once
/// A TOML file that is read as a whole into something: the one place where files become texts,
/// texts become tables, and mistakes become one line for a person.
///
/// Errors: invalid_config: "file: cannot be read: why", "file:line: not valid TOML: why", or what
/// the reader threw as config_error.

#include "runtime/config/toml_reader.hpp"
#include "runtime/error.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <type_traits>

namespace us {

result<std::string> load_text(const std::string& file);

/// Calls `read` with the root table; nullopt, or what is wrong.
std::optional<failure> parse_toml(std::string_view text, const std::string& file,
                                  const std::function<void(const toml_reader&)>& read);

/// What `read(root)` makes of the text. `file` is what errors call it.
template <class Read>
auto read_toml(std::string_view text, const std::string& file, Read read)
    -> result<std::invoke_result_t<Read, const toml_reader&>> {
  std::optional<std::invoke_result_t<Read, const toml_reader&>> made;
  auto wrong = parse_toml(text, file, [&](const toml_reader& root) { made.emplace(read(root)); });
  if (wrong) return std::move(*wrong);
  return std::move(*made);
}

/// The same for a file.
template <class Read>
auto load_toml(const std::string& file, Read read)
    -> result<std::invoke_result_t<Read, const toml_reader&>> {
  auto text = load_text(file);
  if (!text) return text.error();
  return read_toml(*text, file, std::move(read));
}

}  // namespace us
