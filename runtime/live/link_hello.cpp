#include "runtime/live/link_hello.hpp"

#include "messages/link.capnp.h"

namespace us {

namespace {

// Names come from outside and go into logs and answers: no more of them than helps.
std::string short_text(capnp::Text::Reader text) {
  constexpr std::size_t length_max = 128;
  return std::string{text.begin(), std::min(text.size(), length_max)};
}

}  // namespace

frame make_hello(const node_context& self, std::string_view expects) {
  return make_frame<message::Hello>({0, {self.id, {}}, {}, {}}, [&](message::Hello::Builder hello) {
    hello.setVersion(link_version);
    hello.setCluster(self.cluster);
    hello.setNode(self.name);
    hello.setExpects(std::string{expects});
    hello.setIncarnation(self.incarnation);
  });
}

frame make_refused(const node_context& self, std::string_view reason) {
  return make_frame<message::Refused>(
      {0, {self.id, {}}, {}, {}},
      [&](message::Refused::Builder refused) { refused.setReason(std::string{reason}); });
}

std::optional<hello> read_hello(const frame& f) {
  if (f.type() != capnp::typeId<message::Hello>()) return std::nullopt;
  try {
    opened_frame opened{f};
    auto body = opened.body<message::Hello>();
    return hello{body.getVersion(), short_text(body.getCluster()), short_text(body.getNode()),
                 short_text(body.getExpects()), body.getIncarnation()};
  } catch (const kj::Exception&) {
    return std::nullopt;
  }
}

std::optional<std::string> read_refused(const frame& f) {
  if (f.type() != capnp::typeId<message::Refused>()) return std::nullopt;
  try {
    opened_frame opened{f};
    return short_text(opened.body<message::Refused>().getReason());
  } catch (const kj::Exception&) {
    return std::nullopt;
  }
}

std::string refusal(const node_context& self, const hello& h, std::string_view dialled,
                    bool known) {
  if (h.version < link_version_min)
    return "protocol version " + std::to_string(h.version) + " is too old";
  if (h.cluster != self.cluster)
    return "this is cluster '" + self.cluster + "', not '" + h.cluster + "'";
  if (h.node == self.name) return "both nodes are named '" + self.name + "'";
  if (!dialled.empty() && h.node != dialled)
    return "node '" + h.node + "' answers where '" + std::string{dialled} + "' should be";
  if (dialled.empty() && h.expects != self.name)
    return "this is node '" + self.name + "', not '" + h.expects + "'";
  if (!known) return "node '" + h.node + "' is no member of cluster '" + self.cluster + "'";
  return {};
}

}  // namespace us
