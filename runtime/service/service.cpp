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

}  // namespace us
