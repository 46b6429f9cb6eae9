#include "runtime/config/toml_file.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace us {

result<std::string> load_text(const std::string& file) {
  const auto unreadable = [&file](const char* why) {
    return failure{errc::invalid_config, file + ": cannot be read: " + why};
  };
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) return unreadable("it is a directory");
  std::ifstream in{file, std::ios::binary};
  if (!in) return unreadable(std::strerror(errno));
  std::ostringstream text;
  if (in.peek() != std::ifstream::traits_type::eof()) text << in.rdbuf();
  if (in.bad() || !text) return unreadable("the disk reports an error");
  return text.str();
}

std::optional<failure> parse_toml(std::string_view text, const std::string& file,
                                  const std::function<void(const toml_reader&)>& read) {
  try {
    const auto root = toml::parse(text, file);
    read(toml_reader{root, "", file});
    return std::nullopt;
  } catch (const toml::parse_error& e) {
    return failure{errc::invalid_config, file + ":" + std::to_string(e.source().begin.line) +
                                             ": not valid TOML: " + std::string{e.description()}};
  } catch (const config_error& e) {
    return failure{errc::invalid_config, e.what()};
  }
}

}  // namespace us
