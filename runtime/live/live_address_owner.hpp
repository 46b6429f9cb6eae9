#pragma once
/// The address owner on a real interface: netlink adds and removes, raw packets announce and probe
/// (see address_worker). Thread-safe.

#include "runtime/live/address_worker.hpp"
#include "runtime/ports/address_owner.hpp"

namespace us {

class live_address_owner final : public address_owner {
 public:
  /// `left`: what a former process had left on the interface, removed now. Errors are one line for
  /// a person: missing capabilities, no such interface.
  static result<std::shared_ptr<live_address_owner>> open(address_owner_setup setup,
                                                          std::vector<ip_prefix>& left);

  void watch(caf::actor watcher, watch_function f) override;
  void assume(time_point until, caf::actor receiver, answer then) override;
  void hold_until(time_point until) override;
  void release(caf::actor receiver, answer then) override;
  void announce() override;
  void probe(duration wait, caf::actor receiver, probe_answer then) override;
  const std::vector<ip_prefix>& addresses() const override;
  hardware_address hardware() const override;
  bool link_up() const override;

 private:
  explicit live_address_owner(std::unique_ptr<address_worker> worker)
      : worker_(std::move(worker)) {}
  std::unique_ptr<address_worker> worker_;
};

}  // namespace us
