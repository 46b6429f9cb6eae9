#pragma once
/// The routers' test service: answers with the name of the node that executed a request, and counts
/// how often each was executed.

#include "runtime/service/service.hpp"

#include <map>
#include <memory>
#include <string>

#include "tests/router/echo.capnp.h"

namespace us::test {

using executions = std::map<std::uint64_t, int>;  ///< by the request's number

inline service echo_service(const std::string& node, const std::shared_ptr<executions>& count) {
  service s{"echo"};
  const auto answer = [node, count](std::uint64_t number, Echoed::Builder reply) {
    if (count) ++(*count)[number];
    reply.setNumber(number);
    reply.setNode(node);
  };
  s.on<Echo, Echoed>([answer](Echo::Reader echo, Echoed::Builder reply) {
     answer(echo.getNumber(), reply);
   }).idempotent();
  s.on<Charge, Echoed>([answer](Charge::Reader charge, Echoed::Builder reply) {
    answer(charge.getNumber(), reply);
  });
  s.on<Refuse, Echoed>(
      [](Refuse::Reader, Echoed::Builder) { throw rejected{"refused on purpose"}; });
  return s;
}

}  // namespace us::test
