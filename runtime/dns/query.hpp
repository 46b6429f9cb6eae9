#pragma once
/// Reads queries. The header, one question and a lone OPT record, which is what resolvers send,
/// are read here within bounds; whatever else a packet holds is judged by ldns.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace us::dns {

using packet_bytes = std::span<const std::uint8_t>;

constexpr std::size_t header_size = 12;

enum class rcode : std::uint8_t {
  no_error = 0,
  form_error = 1,
  server_failure = 2,
  name_error = 3,
  not_implemented = 4,
  refused = 5,
  bad_version = 16,
};

enum class verdict : std::uint8_t {
  good,
  drop,             ///< no query: too short, or itself a response
  form_error,       ///< answered with the header alone
  not_implemented,  ///< likewise
};

struct query {
  std::uint16_t type = 0;
  std::uint16_t klass = 0;
  /// Bytes of the question: name, type and class, from behind the header.
  std::size_t question_size = 0;
  bool edns = false;
  std::uint8_t edns_version = 0;
  bool dnssec_ok = false;
  std::uint16_t edns_size = 0;

  /// The name in lower case.
  std::string_view name() const { return {lower.data(), question_size - 4}; }
  std::array<char, 256> lower;
};

verdict read_query(packet_bytes packet, query& into);

}  // namespace us::dns
