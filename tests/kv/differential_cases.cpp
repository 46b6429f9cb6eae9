#include "tests/kv/differential_cases.hpp"

#include "tests/kv/case_groups.hpp"

#include <algorithm>

namespace kv::test {

command_list joined(std::initializer_list<const command_list*> parts) {
  command_list all;
  for (const auto* part : parts) all.insert(all.end(), part->begin(), part->end());
  return all;
}

const command_list& differential_cases() {
  static const auto all = joined({&value_cases(), &key_cases(), &edge_cases()});
  return all;
}

const std::vector<std::string>& inline_cases() {
  static const std::vector<std::string> lines = {
      "PING\r\n",
      "PING\n",
      "  PING  \r\n",
      "\r\n\r\nPING\r\n",
      "\n \n",
      "SET k \"a b\"\r\n",
      "GET k\r\n",
      "SET k 'it\\'s'\r\nGET k\r\n",
      "SET k \"\\x41\\n\\r\\t\\b\\a\\\\\\\"\\q\\xZZ\"\r\nGET k\r\n",
      "SET k ab\"cd ef\"\r\nGET k\r\n",
      "SET k ''\r\nGET k\r\n",
      "SET\tk\tv\r\nGET k\r\n",
      "nope a b\r\n",
      "*0\r\nPING\r\n",
      "*-5\r\nPING\r\n",
      "*1\r\n$4\r\nPINGxx*1\r\n$4\r\nPING\r\n",
      "*1\rx$4\rxPING\r\n",
  };
  return lines;
}

const std::vector<std::string>& protocol_error_cases() {
  static const std::vector<std::string> cases = {
      "*1\r\n$629145600\r\n",
      "*1\r\n$-1\r\n",
      "*1\r\n$x\r\n",
      "*1\r\n$\r\n",
      "*1\r\n$01\r\n",
      "*x\r\n",
      "*\r\n",
      "*+1\r\n",
      "*99999999999\r\n",
      "*1\r\nPING\r\n",
      "*1\r\n\r\n",
      "*1\r\n:1\r\n",
      "PING\r\n*x\r\nPING\r\n",
      "SET \"k\r\n",
      "SET 'k\r\n",
      "SET \"k\"x\r\n",
      "SET k 'a'b\r\n",
      std::string(70'000, 'a'),
      "*" + std::string(70'000, '1'),
      "*1\r\n$" + std::string(70'000, '1'),
      "POST / HTTP/1.1\r\nHost: x\r\n\r\n",
      "QUIT\r\nPING\r\n",
  };
  return cases;
}

const std::vector<std::string>& random_words() {
  static const std::vector<std::string> words = {
      "0",
      "1",
      "-1",
      "5",
      "12",
      "3.5",
      "x",
      "hello",
      "",
      "NX",
      "XX",
      "GT",
      "LT",
      "GET",
      "KEEPTTL",
      "PERSIST",
      "REPLACE",
      "EXAT",
      "PXAT",
      far,
      far_ms,
      "9223372036854775807",
      "-9223372036854775808",
      "a",
      "DB",
      "1e3",
      "-0",
      "inf",
  };
  return words;
}

bool compares_at_random(std::string_view command) {
  constexpr std::string_view excluded[] = {"ttl",       "pttl",    "expire",  "pexpire",
                                           "keys",      "setex",   "scan",    "psetex",
                                           "randomkey", "flushdb", "flushall"};
  return std::find(std::begin(excluded), std::end(excluded), command) == std::end(excluded);
}

}  // namespace kv::test
