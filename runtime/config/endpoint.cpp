#include "runtime/config/config.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

namespace us {

namespace {

bool is_ipv4(const std::string& host) {
  in_addr parsed{};
  return inet_pton(AF_INET, host.c_str(), &parsed) == 1;
}

bool is_ipv6(const std::string& host) {
  in6_addr parsed{};
  return inet_pton(AF_INET6, host.c_str(), &parsed) == 1;
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.';
}

// Digits and dots alone are a mistyped IPv4 address, not a name.
bool is_dns_name(const std::string& host) {
  if (host.empty() || host.size() > 253 || host.front() == '-' || host.front() == '.') return false;
  if (host.find("..") != std::string::npos) return false;
  if (!std::all_of(host.begin(), host.end(), is_name_character)) return false;
  return host.find_first_not_of("0123456789.") != std::string::npos;
}

failure not_an_endpoint(std::string_view text, const char* why) {
  return {errc::invalid_config, "\"" + std::string{text} + "\" is no host:port (" + why +
                                    "), such as \"127.0.0.1:7101\""};
}

}  // namespace

bool endpoint::loopback() const {
  if (host == "localhost" || host == "::1") return true;
  in_addr parsed{};
  return inet_pton(AF_INET, host.c_str(), &parsed) == 1 && (ntohl(parsed.s_addr) >> 24) == 127;
}

std::string to_string(const endpoint& e) {
  auto port = std::to_string(e.port);
  return e.host.find(':') == std::string::npos ? e.host + ":" + port : "[" + e.host + "]:" + port;
}

result<endpoint> parse_endpoint(std::string_view text) {
  auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return not_an_endpoint(text, "the port is missing");
  std::string host{text.substr(0, colon)};
  auto digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port == 0)
    return not_an_endpoint(text, "the port must be 1 to 65535");
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (!is_ipv6(host)) return not_an_endpoint(text, "what is in brackets is no IPv6 address");
    return endpoint{host, port};
  }
  if (host.find(':') != std::string::npos)
    return not_an_endpoint(text, "an IPv6 address stands in brackets");
  if (!is_ipv4(host) && !is_dns_name(host))
    return not_an_endpoint(text, "the host is neither an address nor a DNS name");
  return endpoint{host, port};
}

}  // namespace us
