#include "runtime/error.hpp"

namespace us {

std::string to_string(errc code) {
  switch (code) {
    case errc::none: return "none";
    case errc::io_failed: return "io_failed";
    case errc::disk_full: return "disk_full";
    case errc::corrupted: return "corrupted";
    case errc::not_found: return "not_found";
    case errc::wrong_owner: return "wrong_owner";
    case errc::newer_format: return "newer_format";
    case errc::overloaded: return "overloaded";
    case errc::unreachable: return "unreachable";
    case errc::invalid_config: return "invalid_config";
    case errc::invalid_input: return "invalid_input";
  }
  return "unknown";
}

}  // namespace us
