#pragma once
/// The rules of the first frame on a connection: who may speak to whom. Pure.
///
/// The dialling side sends Hello and waits; the accepting side answers Hello, or Refused and
/// closes. Before a valid Hello nothing else is accepted.

#include "messages/frame.hpp"
#include "runtime/node/context.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace us {

/// Raised when frames change so that older nodes cannot read them; both sides accept every
/// version from link_version_min on.
constexpr std::uint32_t link_version = 1;
constexpr std::uint32_t link_version_min = 1;

/// A Hello or Refused is never larger.
constexpr std::size_t hello_bytes_max = 4096;

struct hello {
  std::uint32_t version = 0;
  std::string cluster;
  std::string node;
  std::string expects;
  std::uint64_t incarnation = 0;
};

frame make_hello(const node_context& self, std::string_view expects);
frame make_refused(const node_context& self, std::string_view reason);

/// nullopt: it is no Hello.
std::optional<hello> read_hello(const frame& f);
/// The reason, when the frame is Refused.
std::optional<std::string> read_refused(const frame& f);

/// Why this node does not talk to who says `h`; empty when it does. `dialled`: the
/// node that this side wanted to reach, empty on the accepting side. `known`: the cluster has such
/// a node.
std::string refusal(const node_context& self, const hello& h, std::string_view dialled, bool known);

/// Of each pair one node dials, so that there is one connection. The other one only knocks.
inline bool dials(std::string_view self, std::string_view other) {
  return self < other;
}

}  // namespace us
