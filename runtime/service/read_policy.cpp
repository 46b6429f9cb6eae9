#include "runtime/service/read_policy.hpp"

#include <charconv>

namespace us {

namespace {

using namespace std::chrono_literals;

constexpr duration staleness_max = 1h;

}  // namespace

std::optional<read_policy> read_policy_of(std::string_view text) {
  if (text == "linearizable") return read_policy{};
  if (text == "local") return read_policy{.who = read_policy::kind::local};
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view unit{end, static_cast<std::size_t>(text.data() + text.size() - end)};
  if (unit != "ms" && unit != "s") return std::nullopt;
  const duration bound = unit == "s" ? duration{number * 1s} : duration{number * 1ms};
  if (bound > staleness_max) return std::nullopt;
  return read_policy{.who = read_policy::kind::bounded, .staleness = bound};
}

std::string to_string(const read_policy& policy) {
  switch (policy.who) {
    case read_policy::kind::linearizable: return "linearizable";
    case read_policy::kind::local: return "local";
    case read_policy::kind::bounded: break;
  }
  return std::to_string(policy.staleness / 1ms) + "ms";
}

}  // namespace us
