#pragma once
/// What a node knows of its backends, for the status page. Thread-safe: the zone keeper writes,
/// HTTP threads read.

#include "actors/dns/shared_view.hpp"

#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace us::dns {

struct backend_info {
  std::string name;
  bool answered = true;  ///< it stands in the answers, as far as it goes by health
  check_state own = check_state::unknown;  ///< what this node's checks say
  tally votes;
  std::string why;  ///< the result that turned the own state down
};

class backend_table {
 public:
  std::vector<backend_info> snapshot() const {
    const std::lock_guard lock{mutex_};
    return backends_;
  }
  void put(std::vector<backend_info> backends) {
    const std::lock_guard lock{mutex_};
    backends_ = std::move(backends);
  }

 private:
  mutable std::mutex mutex_;
  std::vector<backend_info> backends_;
};

}  // namespace us::dns
