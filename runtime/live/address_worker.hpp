#pragma once
/// The thread behind live_address_owner: does what it is told and, untold, lets go of the addresses
/// when their time is over.
///
/// Owns netlink and packet sockets. One poll loop: commands, kernel's news, neighbours' claims, and
/// the nearest of: end of the hold, renewal of the kernel's lifetime, end of a probe. After a pause
/// of the whole process (SIGSTOP) the loop finds the hold's end passed and releases before anything
/// else.

#include "runtime/live/netlink.hpp"
#include "runtime/live/packet_socket.hpp"

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace us {

struct address_owner_setup {
  std::string interface;
  std::vector<ip_prefix> addresses;
  /// The kernel removes the addresses by itself when this process does not renew them for so long,
  /// though it be killed or stopped. 0: never.
  unsigned lifetime_s = 0;
};

class address_worker {
 public:
  using done_function = std::function<void(status)>;
  using event_function = std::function<void(const address_event&)>;
  using probe_function = std::function<void(std::vector<hardware_address>)>;

  /// Removes what a former process left, then starts the thread. `left` gets what that was.
  static result<std::unique_ptr<address_worker>> open(address_owner_setup setup,
                                                      std::vector<ip_prefix>& left);
  /// Releases and ends the thread.
  ~address_worker();

  const address_owner_setup& setup() const { return setup_; }
  const interface_state& interface() const { return interface_; }
  bool link_up() const { return link_up_; }

  // Thread-safe. Functions given are called on the worker's thread.
  void watch(event_function f);
  void assume(time_point until, done_function then);
  void hold_until(time_point until) { until_.store(until.time_since_epoch().count()); }
  void release(done_function then);
  void announce();
  void probe(duration wait, probe_function then);

 private:
  struct running_probe {
    time_point ends;
    std::set<hardware_address> who;
    probe_function then;
  };

  explicit address_worker(address_owner_setup setup) : setup_(std::move(setup)) {}
  status prepare(std::vector<ip_prefix>& left);
  void post(std::function<void()> command);
  void run();
  void wait();
  void run_commands();
  void look_at_time();
  status add_all();
  status remove_all();
  void send_announcements() const;
  void on_claims();
  void on_claim(const neighbour::claim& claim);
  void on_removed(const ip_prefix& address);
  void on_link(bool up);
  void look_at_link();
  void tell(address_event_kind kind, std::string why, const hardware_address& who = {});
  time_point until() const { return time_point{duration{until_.load()}}; }
  /// The one of ours that has the same address, whatever the length; null: none.
  const ip_prefix* own(const ip_prefix& address) const;

  address_owner_setup setup_;
  interface_state interface_;
  std::unique_ptr<netlink> netlink_;
  std::unique_ptr<netlink_monitor> monitor_;
  std::vector<packet_socket> packets_;
  owned_socket wakeup_;
  std::atomic<bool> link_up_{false};
  std::atomic<duration::rep> until_{0};

  std::mutex mutex_;
  std::deque<std::function<void()>> commands_;
  bool stopping_ = false;

  // of the thread
  event_function watcher_;
  bool held_ = false;
  time_point renew_at_{};
  time_point link_looked_at_{};
  std::vector<running_probe> probes_;
  std::map<hardware_address, time_point> told_;  ///< duplicates, so that each is told once a while
  std::thread thread_;
};

}  // namespace us
