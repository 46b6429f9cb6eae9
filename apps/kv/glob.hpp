#pragma once
/// Glob patterns as Redis matches keys: * ? [a-z] [^a] and \ before a character taken as it is.
/// Bytes, not characters of an encoding. Time at most pattern times text. Pure.

#include <string_view>

namespace kv {

bool glob_match(std::string_view pattern, std::string_view text);

}  // namespace kv
