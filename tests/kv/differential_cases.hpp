#pragma once
/// What is sent to Redis and to the kv service.

#include <string>
#include <string_view>
#include <vector>

namespace kv::test {

/// Commands, in an order in which they build on each other.
const std::vector<std::vector<std::string>>& differential_cases();
/// Whole lines.
const std::vector<std::string>& inline_cases();
/// Bytes after which the server answers with an error and closes.
const std::vector<std::string>& protocol_error_cases();

/// Arguments for commands put together at random.
const std::vector<std::string>& random_words();
/// False for commands whose reply depends on time, order or chance.
bool compares_at_random(std::string_view command);

}  // namespace kv::test
