#pragma once
/// Cap'n Proto structs as JSON and back, for people and scripts.
///
/// As capnp's JsonCodec has it, with these differences: 64-bit integers are exact JSON numbers,
/// Data that is UTF-8 text is a string (other Data an array of bytes). Reading takes a 64-bit
/// integer also as a string, and must beyond 2^53: JSON numbers are read as doubles. Names given by
/// $Json.name are used.

#include "runtime/error.hpp"

#include <capnp/dynamic.h>

#include <string>
#include <string_view>

namespace us {

/// Throws kj::Exception for what JSON cannot say (a field of type AnyPointer or an interface).
std::string to_json(capnp::DynamicStruct::Reader value);
/// A JSON string.
std::string to_json(std::string_view text);

/// What to do with a member that the schema does not have: a person's request is wrong, a
/// newer node's answer is not.
enum class unknown_members { refuse, skip };

/// Reads an object into a fresh struct. invalid_config: what is wrong, in one line.
status from_json(std::string_view text, capnp::DynamicStruct::Builder into,
                 unknown_members unknown = unknown_members::refuse);

}  // namespace us
