#include "runtime/live/netlink.hpp"

#include <netlink/addr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/socket.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <linux/capability.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace us {

namespace {

struct socket_deleter {
  void operator()(nl_sock* s) const { nl_socket_free(s); }
};
struct address_deleter {
  void operator()(rtnl_addr* a) const { rtnl_addr_put(a); }
};
struct link_deleter {
  void operator()(rtnl_link* l) const { rtnl_link_put(l); }
};
struct bytes_deleter {
  void operator()(nl_addr* a) const { nl_addr_put(a); }
};
using socket_ptr = std::unique_ptr<nl_sock, socket_deleter>;
using address_ptr = std::unique_ptr<rtnl_addr, address_deleter>;
using link_ptr = std::unique_ptr<rtnl_link, link_deleter>;

failure netlink_failure(const std::string& what, int error) {
  std::string why = nl_geterror(error);
  if (error == -NLE_PERM)
    why += "; that needs CAP_NET_ADMIN: run it as root, or setcap cap_net_admin,cap_net_raw+ep";
  return {errc::io_failed, what + ": " + why};
}

result<socket_ptr> connected() {
  socket_ptr s{nl_socket_alloc()};
  if (!s) return failure{errc::io_failed, "netlink: no memory"};
  if (const auto error = nl_connect(s.get(), NETLINK_ROUTE); error < 0)
    return netlink_failure("cannot open netlink", error);
  return s;
}

address_ptr make_address(int interface, const ip_prefix& address, unsigned lifetime_s) {
  address_ptr made{rtnl_addr_alloc()};
  const int family = address.v6 ? AF_INET6 : AF_INET;
  std::unique_ptr<nl_addr, bytes_deleter> bytes{
      nl_addr_build(family, address.bytes.data(), address.v6 ? 16 : 4)};
  nl_addr_set_prefixlen(bytes.get(), static_cast<int>(address.length));
  rtnl_addr_set_ifindex(made.get(), interface);
  rtnl_addr_set_family(made.get(), family);
  rtnl_addr_set_local(made.get(), bytes.get());
  rtnl_addr_set_prefixlen(made.get(), static_cast<int>(address.length));
  // We look for duplicates ourselves: the kernel would keep the address from answering meanwhile.
  if (address.v6) rtnl_addr_set_flags(made.get(), IFA_F_NODAD);
  if (lifetime_s != 0) {
    rtnl_addr_set_preferred_lifetime(made.get(), lifetime_s);
    rtnl_addr_set_valid_lifetime(made.get(), lifetime_s);
  }
  return made;
}

bool is_up(unsigned flags) {
  return (flags & IFF_UP) != 0 && (flags & IFF_LOWER_UP) != 0;
}

}  // namespace

status check_network_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  if (::syscall(SYS_capget, &header, data) != 0) return done{};  // what is missing shows later
  std::string missing;
  if ((data[0].effective & (1u << CAP_NET_ADMIN)) == 0) missing = "CAP_NET_ADMIN";
  if ((data[0].effective & (1u << CAP_NET_RAW)) == 0)
    missing += missing.empty() ? "CAP_NET_RAW" : " and CAP_NET_RAW";
  if (missing.empty()) return done{};
  return failure{errc::io_failed,
                 "a virtual address needs " + missing +
                     ": run it as root, or once: setcap cap_net_admin,cap_net_raw+ep PROGRAM"};
}

struct netlink::impl {
  socket_ptr socket;
};

netlink::netlink(std::unique_ptr<impl> state) : impl_(std::move(state)) {}
netlink::~netlink() = default;

result<std::unique_ptr<netlink>> netlink::open() {
  auto s = connected();
  if (!s) return s.error();
  auto state = std::make_unique<impl>();
  state->socket = std::move(*s);
  return std::unique_ptr<netlink>{new netlink{std::move(state)}};
}

result<interface_state> netlink::interface(const std::string& name) {
  rtnl_link* found = nullptr;
  if (const auto error = rtnl_link_get_kernel(impl_->socket.get(), 0, name.c_str(), &found);
      error < 0)
    return failure{errc::not_found, "there is no interface " + name + " (" + nl_geterror(error) +
                                        "); `ip link` shows those that there are"};
  link_ptr link{found};
  interface_state state;
  state.index = rtnl_link_get_ifindex(link.get());
  state.up = is_up(rtnl_link_get_flags(link.get()));
  if (auto* hardware = rtnl_link_get_addr(link.get());
      hardware != nullptr && nl_addr_get_len(hardware) == state.hardware.size())
    std::memcpy(state.hardware.data(), nl_addr_get_binary_addr(hardware), state.hardware.size());
  return state;
}

status netlink::add(int interface, const ip_prefix& address, unsigned lifetime_s) {
  const auto made = make_address(interface, address, lifetime_s);
  const auto error = rtnl_addr_add(impl_->socket.get(), made.get(), NLM_F_CREATE | NLM_F_REPLACE);
  if (error < 0) return netlink_failure("cannot add " + to_string(address), error);
  return done{};
}

status netlink::remove(int interface, const ip_prefix& address) {
  const auto made = make_address(interface, address, 0);
  const auto error = rtnl_addr_delete(impl_->socket.get(), made.get(), 0);
  if (error == -NLE_NOADDR || error == -NLE_OBJ_NOTFOUND || error == -NLE_NODEV)
    return failure{errc::not_found, to_string(address) + " is not there"};
  if (error < 0) return netlink_failure("cannot remove " + to_string(address), error);
  return done{};
}

struct netlink_monitor::impl {
  socket_ptr socket;
  int interface = 0;
  listener to;

  void on_link(nlmsghdr* header) {
    const auto* info = static_cast<const ifinfomsg*>(nlmsg_data(header));
    if (!nlmsg_valid_hdr(header, sizeof *info) || info->ifi_index != interface) return;
    to.link(header->nlmsg_type == RTM_NEWLINK && is_up(info->ifi_flags));
  }
  void on_removed(nlmsghdr* header) {
    const auto* info = static_cast<const ifaddrmsg*>(nlmsg_data(header));
    if (!nlmsg_valid_hdr(header, sizeof *info) ||
        info->ifa_index != static_cast<unsigned>(interface))
      return;
    const auto* local = nlmsg_find_attr(header, sizeof *info, IFA_LOCAL);
    const auto* bytes =
        local != nullptr ? local : nlmsg_find_attr(header, sizeof *info, IFA_ADDRESS);
    ip_prefix address;
    address.v6 = info->ifa_family == AF_INET6;
    address.length = info->ifa_prefixlen;
    const std::size_t size = address.v6 ? 16 : 4;
    if (bytes == nullptr || nla_len(bytes) < static_cast<int>(size)) return;
    std::memcpy(address.bytes.data(), nla_data(bytes), size);
    to.removed(address);
  }
  static int receive(nl_msg* message, void* self) {
    auto* header = nlmsg_hdr(message);
    switch (header->nlmsg_type) {
      case RTM_NEWLINK:
      case RTM_DELLINK: static_cast<impl*>(self)->on_link(header); break;
      case RTM_DELADDR: static_cast<impl*>(self)->on_removed(header); break;
      default: break;
    }
    return NL_OK;
  }
};

netlink_monitor::netlink_monitor(std::unique_ptr<impl> state) : impl_(std::move(state)) {}
netlink_monitor::~netlink_monitor() = default;

result<std::unique_ptr<netlink_monitor>> netlink_monitor::open(int interface, listener to) {
  auto s = connected();
  if (!s) return s.error();
  auto state = std::make_unique<impl>();
  state->socket = std::move(*s);
  state->interface = interface;
  state->to = std::move(to);
  auto* raw = state->socket.get();
  nl_socket_disable_seq_check(raw);
  nl_socket_modify_cb(raw, NL_CB_VALID, NL_CB_CUSTOM, &impl::receive, state.get());
  const auto error =
      nl_socket_add_memberships(raw, RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, 0);
  if (error < 0) return netlink_failure("cannot listen to netlink", error);
  nl_socket_set_nonblocking(raw);
  return std::unique_ptr<netlink_monitor>{new netlink_monitor{std::move(state)}};
}

int netlink_monitor::descriptor() const {
  return nl_socket_get_fd(impl_->socket.get());
}

bool netlink_monitor::read() {
  const auto error = nl_recvmsgs_default(impl_->socket.get());
  return error >= 0 || error == -NLE_AGAIN;
}

}  // namespace us
