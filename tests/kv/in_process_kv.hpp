#pragma once
/// The kv service and a client's conversation with it in this process: bytes in, bytes out. No
/// socket, no actor, no replication.

#include "apps/kv/connection.hpp"
#include "tests/kv/map_view.hpp"

#include <capnp/message.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/kv/kv.capnp.h"

namespace kv::test {

class in_process_kv {
 public:
  explicit in_process_kv(us::service service = make_service()) : service_(std::move(service)) {
    facts_.wall_ms = [this] { return view.now; };
  }

  /// What the client gets for these bytes.
  std::string send(std::string_view bytes) {
    talk_.receive({bytes.data(), bytes.size()});
    do {
      std::vector<std::pair<std::uint32_t, std::vector<std::string>>> batch;
      talk_.advance(facts_, [&](std::uint32_t i, std::span<const std::string_view> arguments) {
        batch.push_back({i, {arguments.begin(), arguments.end()}});
        return nullptr;
      });
      talk_.settle();
      for (const auto& [i, arguments] : batch) execute(i, arguments);
    } while (talk_.has_input());
    return std::exchange(talk_.output(), {});
  }

  std::string command(const std::vector<std::string>& arguments) {
    return send(as_resp(arguments));
  }
  /// A command's reply as a Cap'n Proto stream message.
  std::string answer(const std::vector<std::string>& arguments) {
    capnp::MallocMessageBuilder reply;
    run(arguments, reply);
    return us::to_bytes(reply);
  }
  bool closing() const { return talk_.closing(); }
  /// Runs the service's upkeep once.
  void upkeep() {
    for (const auto& each : service_.upkeeps()) each.run(view);
  }

  static std::string as_resp(const std::vector<std::string>& arguments) {
    std::string bytes = "*" + std::to_string(arguments.size()) + "\r\n";
    for (const auto& each : arguments)
      bytes += "$" + std::to_string(each.size()) + "\r\n" + each + "\r\n";
    return bytes;
  }

  map_view view;

 private:
  void run(const std::vector<std::string>& arguments, capnp::MallocMessageBuilder& reply) {
    capnp::MallocMessageBuilder request;
    auto into = request.initRoot<Command>().initArguments(static_cast<unsigned>(arguments.size()));
    for (unsigned at = 0; at < arguments.size(); ++at)
      into.set(at,
               {reinterpret_cast<const capnp::byte*>(arguments[at].data()), arguments[at].size()});
    service_.find(capnp::typeId<Command>())
        ->run(view, request.getRoot<capnp::AnyPointer>().asReader(), reply);
  }
  void execute(std::uint32_t i, const std::vector<std::string>& arguments) {
    capnp::MallocMessageBuilder reply;
    run(arguments, reply);
    talk_.answer(i, reply.getRoot<Answer>().asReader());
  }

  us::service service_;
  edge_facts facts_;
  connection talk_{session{}};
};

}  // namespace kv::test
