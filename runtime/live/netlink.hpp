#pragma once
/// Interfaces and their addresses, over rtnetlink. Calls block for the kernel's answer (tens of
/// microseconds), so they are made from the address owner's thread.
///
/// Errors: one line for a person; what needs a capability says which.

#include "runtime/config/ip_prefix.hpp"
#include "runtime/error.hpp"
#include "runtime/ports/address_owner.hpp"

#include <functional>
#include <memory>
#include <string>

namespace us {

/// Whether this process may do what the owner does: CAP_NET_ADMIN and CAP_NET_RAW.
status check_network_capabilities();

struct interface_state {
  int index = 0;
  hardware_address hardware{};
  bool up = false;  ///< administratively up, with carrier
};

class netlink {
 public:
  static result<std::unique_ptr<netlink>> open();
  ~netlink();
  netlink(const netlink&) = delete;
  netlink& operator=(const netlink&) = delete;

  result<interface_state> interface(const std::string& name);
  /// Adds it, or renews it when it is there. `lifetime_s`: the kernel removes it by itself when it
  /// is not renewed for so long; 0: never.
  status add(int interface, const ip_prefix& address, unsigned lifetime_s);
  /// not_found: it is not there.
  status remove(int interface, const ip_prefix& address);

 private:
  struct impl;
  explicit netlink(std::unique_ptr<impl> state);
  std::unique_ptr<impl> impl_;
};

/// Hears of changes of one interface from the kernel.
class netlink_monitor {
 public:
  struct listener {
    std::function<void(bool up)> link;
    std::function<void(const ip_prefix&)> removed;  ///< an address, by whomever
  };

  static result<std::unique_ptr<netlink_monitor>> open(int interface, listener to);
  ~netlink_monitor();
  netlink_monitor(const netlink_monitor&) = delete;
  netlink_monitor& operator=(const netlink_monitor&) = delete;

  int descriptor() const;
  /// Call when the descriptor is readable. False: messages were lost; look at the interface anew.
  bool read();

 private:
  struct impl;
  explicit netlink_monitor(std::unique_ptr<impl> state);
  std::unique_ptr<impl> impl_;
};

}  // namespace us
