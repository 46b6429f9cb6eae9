#pragma once
/// The granting side of the lease on one node, and the keeper of what it promised. A part of the
/// seat: it lives as long, whatever the role.
///
/// Answers LeaseRequest and LeaseRelease. While a promise is being written nothing is granted.
/// Errors: a promise that cannot be written throws: the seat ends and is started anew from what the
/// disk holds.

#include "actors/active_passive/group.hpp"
#include "actors/active_passive/promise_file.hpp"
#include "runtime/node/node_actor.hpp"

#include <optional>

#include "messages/active_passive.capnp.h"

namespace us::active_passive {

class lease_granter {
 public:
  lease_granter(node_actor& host, group_ptr of, const kept_promise& kept);

  void request(message::LeaseRequest::Reader request, const us::sender& from);
  void release(const us::sender& from);
  /// Keeps an epoch that this node uses without a lease, so that it uses it only once.
  void remember(us::epoch epoch);
  void set_maintenance(bool on);

  us::epoch newest() const { return kept_.promise.epoch; }
  bool maintenance() const { return maintenance_; }

 private:
  struct question {
    us::address from;
    rules::promise asked;
    std::uint64_t round;
  };

  void judge(const question& q);
  void reply(const question& q, bool granted, duration lease = {});
  void write();
  void written(const kept_promise& kept, const status& how);

  node_actor& host_;
  group_ptr group_;
  kept_promise kept_;  ///< durable
  rules::lease_book book_;
  bool maintenance_;
  bool writing_ = false;
  std::optional<rules::promise> wanted_;  ///< to be written
  std::optional<question> waiting_;       ///< for what is being written
};

}  // namespace us::active_passive
