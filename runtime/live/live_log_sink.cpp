#include "runtime/live/live_log_sink.hpp"

#include <cstdio>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace us {

namespace {

const char* name_of(severity level) {
  switch (level) {
    case severity::debug: return "debug";
    case severity::info: return "info";
    case severity::warning: return "warning";
    case severity::error: return "error";
    case severity::event: return "event";
  }
  return "info";
}

spdlog::level::level_enum level_of(severity level) {
  switch (level) {
    case severity::debug: return spdlog::level::debug;
    case severity::info: return spdlog::level::info;
    case severity::warning: return spdlog::level::warn;
    case severity::error: return spdlog::level::err;
    case severity::event: return spdlog::level::info;
  }
  return spdlog::level::info;
}

// A JSON string. Control characters and bytes above ASCII are escaped: what a peer sent
// may be in a field, and it shall neither forge a line nor break the encoding.
std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

bool plain(std::string_view text) {
  if (text.empty()) return false;
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || c == '"' || c == '=') return false;
  }
  return true;
}

std::string text_line(std::string_view what, std::initializer_list<log_field> fields) {
  std::string line{what};
  for (const auto& field : fields) {
    line += ' ';
    line += field.name;
    line += '=';
    line += plain(field.value) ? field.value : json_string(field.value);
  }
  return line;
}

std::string json_line(const log_style& style, severity level, std::string_view what,
                      std::initializer_list<log_field> fields) {
  auto line = "\"level\":" + json_string(name_of(level)) + ",\"node\":" + json_string(style.node) +
              ",\"what\":" + json_string(what);
  for (const auto& field : fields) line += "," + json_string(field.name) + ":" + json_string(field.value);
  return line;
}

}  // namespace

std::string format_log_line(const log_style& style, severity level, std::string_view what,
                            std::initializer_list<log_field> fields) {
  return style.json ? json_line(style, level, what, fields) : text_line(what, fields);
}

struct live_log_sink::outputs {
  explicit outputs(const log_style& style)
      : lines("understudy", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    lines.set_level(spdlog::level::trace);
    // %v of a JSON line already is a list of members.
    if (style.json)
      lines.set_pattern("{\"time\":\"%Y-%m-%dT%H:%M:%S.%e%z\",%v}");
    else
      lines.set_pattern("%Y-%m-%d %H:%M:%S.%e %l " + (style.node.empty() ? "" : style.node + " ") +
                        "%v");
  }
  spdlog::logger lines;
};

live_log_sink::live_log_sink(log_style style)
    : style_(std::move(style)), outputs_(std::make_unique<outputs>(style_)) {}

live_log_sink::~live_log_sink() = default;

void live_log_sink::write(severity level, std::string_view what,
                          std::initializer_list<log_field> fields) {
  if (level < style_.least) return;
  if (level == severity::event) {
    // One call, so that sentences of several threads do not mix.
    auto sentence = std::string{what} + '\n';
    std::fwrite(sentence.data(), 1, sentence.size(), stdout);
    std::fflush(stdout);
    if (!style_.json) return;
  }
  outputs_->lines.log(level_of(level), "{}", format_log_line(style_, level, what, fields));
}

}  // namespace us
