#include "runtime/live/posix_error.hpp"

#include <system_error>

namespace us {

namespace {

errc code_of(int number) {
  switch (number) {
    case ENOSPC:
    case EDQUOT: return errc::disk_full;
    case ENOENT: return errc::not_found;
    default: return errc::io_failed;
  }
}

}  // namespace

failure posix_failure(std::string_view what, std::string_view path, int number) {
  return {code_of(number), "cannot " + std::string{what} + " " + std::string{path} + ": " +
                               std::generic_category().message(number)};
}

}  // namespace us
