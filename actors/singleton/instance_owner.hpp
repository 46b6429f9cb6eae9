#pragma once
/// What an active of the group holds: instead of addresses, the life of the instance. Passes the
/// group's orders on to the host; renewal reaches the instance at once, through its tenure.
///
/// There is nothing to announce and no stranger to find, and its link is always up.

#include "actors/active_passive/group.hpp"
#include "actors/singleton/host.hpp"
#include "runtime/ports/address_owner.hpp"

namespace us::singletons {

class instance_owner final : public address_owner {
 public:
  explicit instance_owner(host* of);

  /// Before assume(): what the next instance is told.
  void begin_term(const active_passive::term_start& term);

  void watch(caf::actor watcher, watch_function f) override;
  void assume(time_point until, caf::actor receiver, answer then) override;
  void hold_until(time_point until) override;
  void release(caf::actor receiver, answer then) override;
  void announce() override {}
  void probe(duration wait, caf::actor receiver, probe_answer then) override;

  const std::vector<ip_prefix>& addresses() const override { return none_; }
  hardware_address hardware() const override { return {}; }
  bool link_up() const override { return true; }

 private:
  template <class F>
  void order(F f);

  host* host_;        ///< used only in its own context, so only while it lives
  caf::actor actor_;  ///< the same
  std::shared_ptr<tenure> tenure_;
  std::vector<ip_prefix> none_;
};

}  // namespace us::singletons
