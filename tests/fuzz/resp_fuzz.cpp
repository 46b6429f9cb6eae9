/// Fuzz target: bytes from a Redis client. What they mean must not depend on the pieces that they
/// arrive in; the first byte is the size of a piece.
#include "apps/kv/resp_parser.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

struct outcome {
  std::vector<std::vector<std::string>> commands;
  std::string error;

  bool operator==(const outcome&) const = default;
};

/// Takes what is whole off the front of `received`. False: the connection would be closed.
bool parse(kv::resp_parser& parser, std::string& received, outcome& into) {
  for (;;) {
    const auto result = parser.next(received);
    if (parser.consumed() > received.size()) std::abort();
    if (result == kv::resp_parser::result::failed) {
      into.error = parser.error();
      return false;
    }
    if (result == kv::resp_parser::result::command) {
      auto& command = into.commands.emplace_back();
      for (std::size_t i = 0; i < parser.count(); ++i)
        command.emplace_back(parser.argument(received, i));
    }
    received.erase(0, parser.consumed());
    if (result == kv::resp_parser::result::incomplete) return true;
  }
}

outcome parse_in_pieces(std::string_view input, std::size_t piece) {
  kv::resp_parser parser{1u << 20};
  outcome result;
  std::string received;
  for (std::size_t at = 0; at < input.size(); at += piece) {
    received += input.substr(at, piece);
    if (!parse(parser, received, result)) break;
  }
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view input{reinterpret_cast<const char*>(data) + 1, size - 1};
  if (parse_in_pieces(input, input.size()) != parse_in_pieces(input, 1u + data[0])) std::abort();
  return 0;
}
