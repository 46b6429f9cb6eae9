#include "runtime/checkers/history_file.hpp"

#include "runtime/checkers/event_format.hpp"
#include "runtime/checkers/history_pairing.hpp"

namespace us {

namespace {

enum class line_state { read, end, too_long };

/// The next line without its end; stops at the bound, so that no input makes it hold more.
line_state next_line(std::istream& in, std::string& line, std::size_t bytes_max) {
  line.clear();
  auto* from = in.rdbuf();
  for (;;) {
    const auto c = from->sbumpc();
    if (c == std::char_traits<char>::eof())
      return line.empty() ? line_state::end : line_state::read;
    if (c == '\n') return line_state::read;
    if (line.size() == bytes_max) return line_state::too_long;
    line += static_cast<char>(c);
  }
}

bool blank(const std::string& line) {
  return line.find_first_not_of(" \t\r") == std::string::npos;
}

failure at_line(const std::string& name, std::size_t number, const std::string& what) {
  return {errc::invalid_input, name + ":" + std::to_string(number) + ": " + what};
}

}  // namespace

result<history> read_history(std::istream& in, const std::string& name, object_model model,
                             history_format format, const history_limits& limits) {
  history_pairing pairing{model};
  const auto parse =
      format == history_format::json_lines ? parse_json_event : parse_porcupine_event;
  std::string line;
  std::size_t number = 0;
  std::size_t invoked = 0;
  for (;;) {
    const auto state = next_line(in, line, limits.line_bytes);
    if (state == line_state::end) break;
    ++number;
    if (state == line_state::too_long) {
      return at_line(name, number,
                     "the line is longer than " + std::to_string(limits.line_bytes) + " bytes");
    }
    if (blank(line)) continue;
    auto event = parse(line);
    if (!event) return at_line(name, number, event.error().text);
    event->line = number;
    if (auto wrong = pairing.add(*event)) return at_line(name, number, *wrong);
    if (event->type == event_type::invoke && ++invoked > limits.operations) {
      return at_line(name, number,
                     "more than " + std::to_string(limits.operations) + " operations");
    }
  }
  if (invoked == 0) return failure{errc::invalid_input, name + ":1: there is no operation in it"};
  return pairing.take();
}

}  // namespace us
