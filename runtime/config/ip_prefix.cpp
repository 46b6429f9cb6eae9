#include "runtime/config/ip_prefix.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstdio>

namespace us {

namespace {

failure wrong(std::string_view text, const char* why) {
  return {errc::invalid_config, "\"" + std::string{text} + "\" is no address of an interface (" +
                                    why + "), such as \"10.0.0.100/24\" or \"fd00::100/64\""};
}

bool unfit(const ip_prefix& a) {
  const auto zero_until = [&a](std::size_t end) {
    return std::all_of(a.bytes.begin(), a.bytes.begin() + static_cast<std::ptrdiff_t>(end),
                       [](unsigned char byte) { return byte == 0; });
  };
  if (a.v6) return a.bytes[0] == 0xff || (zero_until(15) && a.bytes[15] <= 1);
  return a.bytes[0] == 0 || a.bytes[0] == 127 || a.bytes[0] >= 224;
}

}  // namespace

std::string address_text(const ip_prefix& address) {
  char text[INET6_ADDRSTRLEN];
  ::inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.bytes.data(), text, sizeof text);
  return text;
}

std::string to_string(const ip_prefix& address) {
  return address_text(address) + "/" + std::to_string(address.length);
}

result<ip_prefix> parse_ip_prefix(std::string_view text) {
  const auto slash = text.find('/');
  const std::string host{text.substr(0, slash)};
  ip_prefix parsed;
  parsed.v6 = host.find(':') != std::string::npos;
  if (::inet_pton(parsed.v6 ? AF_INET6 : AF_INET, host.c_str(), parsed.bytes.data()) != 1)
    return wrong(text, "no IP address");
  const unsigned most = parsed.v6 ? 128 : 32;
  parsed.length = most;
  if (slash != std::string_view::npos) {
    const auto digits = text.substr(slash + 1);
    const auto* last = digits.data() + digits.size();
    const auto [end, error] = std::from_chars(digits.data(), last, parsed.length);
    if (error != std::errc{} || end != last || parsed.length == 0 || parsed.length > most)
      return wrong(text, parsed.v6 ? "the prefix must be 1 to 128" : "the prefix must be 1 to 32");
  }
  if (unfit(parsed)) return wrong(text, "multicast, loopback and unspecified do not move");
  return parsed;
}

std::string to_string(const hardware_address& address) {
  char text[18];
  std::snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", address[0], address[1],
                address[2], address[3], address[4], address[5]);
  return text;
}

}  // namespace us
