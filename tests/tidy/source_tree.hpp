#pragma once
/// The project's own sources as the tidy tests see them: text, lines, includes, and code without its
/// comments and literals. Reads the tree once; nothing here knows a rule.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace us::tidy {

struct source_file {
  std::string path;  ///< from the root: "runtime/node/context.hpp"
  std::string text;
  std::string code;  ///< text with comments and literals blanked; the same lines and columns
  std::vector<std::string> includes;  ///< quoted ones, as written

  bool in(std::string_view folder) const { return path.starts_with(folder); }
  bool header() const { return path.ends_with(".hpp"); }
  bool cpp() const { return header() || path.ends_with(".cpp"); }
};

/// Every .hpp, .cpp, .capnp, .cmake and CMakeLists.txt below messages/, runtime/, actors/, apps/,
/// tests/ and cmake/, sorted by path. The root comes from UNDERSTUDY_SOURCE_DIR.
const std::vector<source_file>& source_tree();

/// Calls each(line, number from 1).
void each_line(std::string_view text,
               const std::function<void(std::string_view, std::size_t)>& each);

std::string blank_comments_and_literals(std::string_view text);

struct function_size {
  std::size_t first_line;
  std::size_t lines;
};
/// Function bodies at namespace or class scope, by their braces. A guess that holds for code as
/// clang-format leaves it.
std::vector<function_size> functions_of(std::string_view code);

/// "path:line", as compilers write places.
std::string place(const source_file& file, std::size_t line);

}  // namespace us::tidy
