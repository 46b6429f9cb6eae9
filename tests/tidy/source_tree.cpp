#include "tests/tidy/source_tree.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace us::tidy {

namespace {

namespace fs = std::filesystem;

bool is_source(const fs::path& path) {
  static const std::vector<std::string> kinds{".hpp", ".cpp", ".capnp", ".cmake"};
  return path.filename() == "CMakeLists.txt" ||
         std::ranges::find(kinds, path.extension().string()) != kinds.end();
}

std::string read_text(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

std::vector<std::string> quoted_includes(std::string_view text) {
  constexpr std::string_view start = "#include \"";
  std::vector<std::string> found;
  each_line(text, [&](std::string_view line, std::size_t) {
    if (!line.starts_with(start)) return;
    line.remove_prefix(start.size());
    found.emplace_back(line.substr(0, line.find('"')));
  });
  return found;
}

std::vector<source_file> load(const fs::path& root) {
  std::vector<source_file> files;
  for (const auto* folder : {"messages", "runtime", "actors", "apps", "tests", "cmake"}) {
    if (!fs::is_directory(root / folder)) continue;
    const auto follow = fs::directory_options::follow_directory_symlink;
    for (const auto& entry : fs::recursive_directory_iterator{root / folder, follow}) {
      if (!entry.is_regular_file() || !is_source(entry.path())) continue;
      auto text = read_text(entry.path());
      auto code = blank_comments_and_literals(text);
      auto includes = quoted_includes(text);
      files.push_back({entry.path().lexically_relative(root).generic_string(), std::move(text),
                       std::move(code), std::move(includes)});
    }
  }
  std::ranges::sort(files, {}, &source_file::path);
  return files;
}

}  // namespace

const std::vector<source_file>& source_tree() {
  static const auto files = [] {
    const char* root = std::getenv("UNDERSTUDY_SOURCE_DIR");
    return load(root == nullptr ? "." : root);
  }();
  return files;
}

void each_line(std::string_view text,
               const std::function<void(std::string_view, std::size_t)>& each) {
  std::size_t number = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    each(text.substr(0, end), ++number);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::string place(const source_file& file, std::size_t line) {
  return file.path + ":" + std::to_string(line);
}

}  // namespace us::tidy
