/// Writes the seed corpus of resp_fuzz into the directory given: commands as clients send them.
#include "tests/fuzz/seed_file.hpp"

#include <string>
#include <string_view>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const us::fuzz::seed_directory seeds{argv[1]};
  std::size_t number = 0;
  for (std::string_view seed : {
           "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n",
           "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nhello\r\n*1\r\n$4\r\nPING\r\n",
           "*-1\r\n*0\r\n\r\nPING\r\n",
           "set key \"a \\x41\\n\" 'it\\'s'\r\n",
           "*1\r\n$-1\r\n",
           "*1\r\n$99999999999\r\n",
           "*1048577\r\n",
           "get 'open\r\n",
       }) {
    for (char piece : {'\0', '\3', '\377'}) {
      const auto input = piece + std::string{seed};
      seeds.write("commands-" + std::to_string(number++), std::as_bytes(std::span{input}));
    }
  }
  return seeds.complete() ? 0 : 1;
}
