#pragma once
/// A zone whose names lead to backends: what is configured, not who lives.
///
/// Names are lower case without a dot at the end. In a zone "example.test" a backend "web1" that
/// serves "www" with srv "_http._tcp" gives
///   www.example.test             A or AAAA   of the living backends that serve it
///   _http._tcp.www.example.test  SRV         the same, with weights and ports
///   web1.example.test            A or AAAA   always: the name of that machine
/// and each name server "ns1" an NS record of the zone and an address of its own.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace us::dns {

/// At the zone's own name.
constexpr std::string_view apex = "@";

struct backend {
  std::string name;          ///< one label
  std::string serves{apex};  ///< relative to the zone
  std::string srv;           ///< "_http._tcp"; empty: no SRV record
  std::string address;       ///< IPv4 or IPv6
  std::uint16_t port = 0;
  std::uint16_t weight = 1;  ///< from 1; how often it stands first
};

struct name_server {
  std::string name;     ///< relative to the zone
  std::string address;  ///< IPv4 or IPv6
};

/// What a name answers when none of its backends lives.
enum class all_down : unsigned char {
  answer_all,  ///< as if all lived: the checks may be wrong, and nothing is lost by trying
  servfail,    ///< the client is told to ask another server, or to give up
};

struct zone {
  std::string name;
  std::uint32_t ttl_s = 1;           ///< of what depends on who lives
  std::uint32_t negative_ttl_s = 1;  ///< how long "no such name" is believed
  std::uint32_t static_ttl_s = 60;   ///< of SOA, NS and the machines' names
  dns::all_down all_down = dns::all_down::answer_all;
  std::size_t answers_max = 8;  ///< records in one answer, from 1
  std::vector<name_server> name_servers;
  std::vector<backend> backends;
};

/// "www" -> "www.example.test"; "@" -> "example.test"
inline std::string absolute(const zone& z, std::string_view relative) {
  return relative == apex ? z.name : std::string{relative} + "." + z.name;
}

/// Labels of 1 to 63 of a-z, 0-9, - and _, 253 characters in all; no wildcards.
bool valid_name(std::string_view name);

}  // namespace us::dns
