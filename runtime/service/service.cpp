#include "runtime/service/service.hpp"

namespace us {

const service::request_type* service::find(std::uint64_t type) const {
  for (const auto& request : requests_)
    if (request.id == type) return &request;
  return nullptr;
}

const service::request_type* service::find(std::string_view name) const {
  for (const auto& request : requests_) {
    std::string_view shown = request.request.getShortDisplayName().cStr();
    if (shown == name) return &request;
  }
  return nullptr;
}

const service::request_type* service::without_place() const {
  for (const auto& request : requests_)
    if (!request.place) return &request;
  return nullptr;
}

request_place service::place(std::uint64_t type, capnp::AnyPointer::Reader request,
                             std::uint32_t partitions) const {
  const auto* known = find(type);
  if (partitions <= 1) return {};
  if (known == nullptr) return {.refused = "service " + name_ + " has no such request"};
  if (!known->place) return {.refused = "it does not say which partition it belongs to"};
  return known->place(request, partitions);
}

partitioning divided(const service& into, std::uint32_t partitions) {
  if (partitions <= 1) return {};
  return {partitions, [into, partitions](std::uint64_t type, capnp::AnyPointer::Reader request) {
            return into.place(type, request, partitions);
          }};
}

}  // namespace us
