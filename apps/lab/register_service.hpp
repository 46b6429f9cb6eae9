#pragma once
/// The lab's service: registers (register.capnp).

#include "runtime/service/service.hpp"

namespace lab {

us::service register_service();

}  // namespace lab
