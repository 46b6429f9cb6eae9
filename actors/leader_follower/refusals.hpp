#pragma once
/// Requests that this replica, when it led, has told their clients are certainly not executed. A
/// copy of one that comes later (doubled, or held up on its way) is refused again.
///
/// In memory only, since a refusal must not need the log: a replica that restarts forgets, and
/// relies on its links to deliver nothing from before. Bounded: the newest `kept_max`.

#include "messages/ids.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <utility>

#include "messages/request.capnp.h"

namespace us {

struct refusal {
  message::Reason reason;
  std::string text;
};

class refusals {
 public:
  explicit refusals(std::size_t kept_max = 16384) : kept_max_(kept_max) {}

  const refusal* find(session_id session, request_sequence sequence) const {
    auto at = refused_.find({session, sequence});
    return at == refused_.end() ? nullptr : &at->second;
  }
  void add(session_id session, request_sequence sequence, refusal what) {
    if (!refused_.emplace(std::pair{session, sequence}, std::move(what)).second) return;
    order_.emplace_back(session, sequence);
    if (order_.size() <= kept_max_) return;
    refused_.erase(order_.front());
    order_.pop_front();
  }
  std::size_t size() const { return refused_.size(); }

 private:
  using id = std::pair<session_id, request_sequence>;

  std::size_t kept_max_;
  std::map<id, refusal> refused_;
  std::deque<id> order_;  ///< oldest first
};

}  // namespace us
