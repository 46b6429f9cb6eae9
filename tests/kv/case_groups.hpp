#pragma once
/// The parts of differential_cases(), and what they share.

#include <initializer_list>
#include <string>
#include <vector>

namespace kv::test {

using command_list = std::vector<std::vector<std::string>>;

inline const std::string binary{"\0\r\n\xff bin", 8};
inline const std::string far = "4000000000";  // seconds: a time to come
inline const std::string far_ms = "4000000000123";
inline const std::string past = "1000";

const command_list& value_cases();
const command_list& key_cases();
const command_list& edge_cases();

command_list joined(std::initializer_list<const command_list*> parts);

}  // namespace kv::test
