#include "runtime/live/address_worker.hpp"

#include "runtime/live/posix_error.hpp"

#include <algorithm>
#include <chrono>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

namespace us {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds tell_again{500};
constexpr seconds look_at_link_each{1};
constexpr std::size_t told_max = 64;

time_point now() {
  return std::chrono::time_point_cast<duration>(std::chrono::steady_clock::now());
}

}  // namespace

result<std::unique_ptr<address_worker>> address_worker::open(address_owner_setup setup,
                                                             std::vector<ip_prefix>& left) {
  std::unique_ptr<address_worker> made{new address_worker{std::move(setup)}};
  if (auto prepared = made->prepare(left); !prepared) return prepared.error();
  made->thread_ = std::thread{[worker = made.get()] { worker->run(); }};
  return made;
}

status address_worker::prepare(std::vector<ip_prefix>& left) {
  if (auto able = check_network_capabilities(); !able) return able;
  auto opened = netlink::open();
  if (!opened) return opened.error();
  netlink_ = std::move(*opened);
  auto found = netlink_->interface(setup_.interface);
  if (!found) return found.error();
  interface_ = *found;
  link_up_ = found->up;
  auto monitor = netlink_monitor::open(interface_.index,
                                       {[this](bool up) { on_link(up); },
                                        [this](const ip_prefix& address) { on_removed(address); }});
  if (!monitor) return monitor.error();
  monitor_ = std::move(*monitor);
  for (const bool v6 : {false, true}) {
    if (std::none_of(setup_.addresses.begin(), setup_.addresses.end(),
                     [v6](const ip_prefix& a) { return a.v6 == v6; }))
      continue;
    using family = packet_socket::family;
    auto s = packet_socket::open(interface_.index, v6 ? family::neighbour_discovery : family::arp);
    if (!s) return s.error();
    packets_.push_back(std::move(*s));
  }
  wakeup_ = owned_socket{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  if (!wakeup_) return posix_failure("cannot make", "an eventfd", errno);
  for (const auto& address : setup_.addresses)
    if (netlink_->remove(interface_.index, address)) left.push_back(address);
  return done{};
}

address_worker::~address_worker() {
  if (!thread_.joinable()) return;
  post([this] { stopping_ = true; });
  thread_.join();
}

void address_worker::post(std::function<void()> command) {
  {
    std::lock_guard lock{mutex_};
    commands_.push_back(std::move(command));
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wakeup_.get(), &one, sizeof one);
}

void address_worker::watch(event_function f) {
  post([this, f = std::move(f)]() mutable { watcher_ = std::move(f); });
}

void address_worker::assume(time_point until, done_function then) {
  post([this, until, then = std::move(then)] {
    // Who asks for a time that is over was itself stopped: nothing may be taken then.
    if (now() >= until)
      return then(failure{errc::io_failed, "the time to hold the addresses was over"});
    hold_until(until);
    auto added = add_all();
    if (added) send_announcements();
    then(std::move(added));
  });
}

void address_worker::release(done_function then) {
  post([this, then = std::move(then)] { then(remove_all()); });
}

void address_worker::announce() {
  post([this] {
    if (held_) send_announcements();
  });
}

void address_worker::probe(duration wait, probe_function then) {
  post([this, wait, then = std::move(then)]() mutable {
    for (const auto& address : setup_.addresses)
      for (const auto& s : packets_) s.send(neighbour::probe(interface_.hardware, address));
    probes_.push_back({now() + wait, {}, std::move(then)});
  });
}

void address_worker::run() {
  while (!stopping_) {
    look_at_time();
    wait();
    look_at_time();
    (void)monitor_->read();
    look_at_link();
    on_claims();
    run_commands();
  }
  (void)remove_all();
  for (auto& each : probes_) each.then({each.who.begin(), each.who.end()});
}

void address_worker::wait() {
  auto next = link_looked_at_ + look_at_link_each;
  if (held_) next = std::min(next, until());
  if (held_ && setup_.lifetime_s != 0) next = std::min(next, renew_at_);
  for (const auto& each : probes_) next = std::min(next, each.ends);
  const auto left = std::max(next - now(), duration{0});
  const timespec timeout{std::chrono::duration_cast<seconds>(left).count(),
                         (left % seconds{1}).count()};
  std::vector<pollfd> watched{{wakeup_.get(), POLLIN, 0}, {monitor_->descriptor(), POLLIN, 0}};
  for (const auto& s : packets_) watched.push_back({s.descriptor(), POLLIN, 0});
  (void)::ppoll(watched.data(), watched.size(), &timeout, nullptr);
}

// The kernel may drop a message that says so, and a change between the first look and the first
// message has none.
void address_worker::look_at_link() {
  if (now() - link_looked_at_ < look_at_link_each) return;
  link_looked_at_ = now();
  if (auto found = netlink_->interface(setup_.interface)) on_link(found->up);
}

void address_worker::run_commands() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto read = ::read(wakeup_.get(), &count, sizeof count);
  std::deque<std::function<void()>> commands;
  {
    std::lock_guard lock{mutex_};
    commands.swap(commands_);
  }
  for (auto& command : commands) {
    look_at_time();  // a stop of the process may have come between any two
    command();
  }
}

void address_worker::look_at_time() {
  if (held_ && now() >= until()) {
    const auto late = std::chrono::duration_cast<milliseconds>(now() - until());
    (void)remove_all();
    tell(address_event_kind::expired,
         "not renewed in time; released " + std::to_string(late.count()) + " ms after its end");
  }
  if (held_ && setup_.lifetime_s != 0 && now() >= renew_at_)
    if (auto renewed = add_all(); !renewed) tell(address_event_kind::taken, renewed.error().text);
  for (auto at = probes_.begin(); at != probes_.end();) {
    if (at->ends > now()) {
      ++at;
      continue;
    }
    at->then({at->who.begin(), at->who.end()});
    at = probes_.erase(at);
  }
}

status address_worker::add_all() {
  held_ = true;
  for (const auto& address : setup_.addresses) {
    auto added = netlink_->add(interface_.index, address, setup_.lifetime_s);
    if (added) continue;
    (void)remove_all();
    return added;
  }
  renew_at_ = now() + milliseconds{1000 * setup_.lifetime_s / 4};
  return done{};
}

status address_worker::remove_all() {
  held_ = false;
  status answer = done{};
  for (const auto& address : setup_.addresses) {
    auto removed = netlink_->remove(interface_.index, address);
    if (!removed && removed.error().code != errc::not_found) answer = removed.error();
  }
  // The kernel has told the monitor by now: what is read here was our own doing.
  (void)monitor_->read();
  return answer;
}

void address_worker::send_announcements() const {
  for (const auto& address : setup_.addresses)
    for (const auto& packet : neighbour::announcements(interface_.hardware, address))
      packets_.front().send(packet);
}

void address_worker::on_claims() {
  for (const auto& s : packets_)
    while (auto claim = s.next()) on_claim(*claim);
}

void address_worker::on_claim(const neighbour::claim& claim) {
  const auto* address = own(claim.address);
  if (address == nullptr || claim.who == interface_.hardware) return;
  for (auto& each : probes_) each.who.insert(claim.who);
  if (!held_) return;
  auto [known, added] = told_.try_emplace(claim.who, now());
  if (!added && now() - known->second < tell_again) return;
  known->second = now();
  tell(address_event_kind::duplicate,
       to_string(claim.who) + " says that it has " + address_text(*address), claim.who);
  if (told_.size() > told_max) told_.clear();
}

void address_worker::on_removed(const ip_prefix& address) {
  if (held_ && own(address) != nullptr)
    tell(address_event_kind::taken, to_string(address) + " was removed by another program");
}

void address_worker::on_link(bool up) {
  if (link_up_.exchange(up) == up) return;
  tell(up ? address_event_kind::link_up : address_event_kind::link_down,
       setup_.interface + (up ? " is up" : " is down"));
}

void address_worker::tell(address_event_kind kind, std::string why, const hardware_address& who) {
  if (watcher_) watcher_({kind, std::move(why), who});
}

const ip_prefix* address_worker::own(const ip_prefix& address) const {
  for (const auto& each : setup_.addresses)
    if (each.v6 == address.v6 && each.bytes == address.bytes) return &each;
  return nullptr;
}

}  // namespace us
