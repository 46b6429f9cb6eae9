#include "runtime/simulation/sim_address_owner.hpp"

#include "runtime/task.hpp"

#include <algorithm>
#include <utility>

namespace us {

namespace {

using std::chrono::microseconds;

const std::vector<ip_prefix>& simulated_addresses() {
  static const std::vector<ip_prefix> addresses{*parse_ip_prefix("10.0.0.100/24")};
  return addresses;
}

}  // namespace

/// Of one incarnation of one node.
class sim_address_owner final : public address_owner {
 public:
  sim_address_owner(address_board& board, const node_ptr& node)
      : board_(board), node_(node->name), incarnation_(node->incarnation), ports_(node->ports) {}

  void watch(caf::actor watcher, watch_function f) override {
    watcher_ = std::move(watcher);
    watching_ = std::move(f);
  }

  void assume(time_point until, caf::actor receiver, answer then) override {
    if (until <= ports_.clock->now())
      return reply(std::move(receiver), std::move(then), failure{errc::io_failed, "too late"});
    board_.newest_[node_] = board_.holds_.size();
    board_.holds_.push_back({node_, board_.now(), virtual_time(until), false});
    reply(std::move(receiver), std::move(then), done{});
  }

  void hold_until(time_point until) override {
    auto* hold = current();
    if (hold != nullptr && !hold->releasing) hold->to = std::max(hold->to, virtual_time(until));
  }

  void release(caf::actor receiver, answer then) override {
    // A process that dies has no time to.
    if (!alive()) return;
    const auto takes = some_time();
    if (auto* hold = current()) {
      hold->to = std::min(hold->to, board_.now() + takes);
      hold->releasing = true;
    }
    if (!receiver) return;
    // It is off the interface when the answer comes, never later.
    ports_.clock->after(takes * 2, std::move(receiver),
                        task{[then = std::move(then)] { then(done{}); }});
  }

  void announce() override {}

  void probe(duration wait, caf::actor receiver, probe_answer then) override {
    ports_.clock->after(wait, std::move(receiver), task{[this, then = std::move(then)] {
                          std::vector<hardware_address> found;
                          if (board_.stranger) found.push_back(*board_.stranger);
                          then(found);
                        }});
  }

  const std::vector<ip_prefix>& addresses() const override { return simulated_addresses(); }
  hardware_address hardware() const override {
    const auto id = node_id_of(node_).value;
    hardware_address made{2};
    for (std::size_t i = 1; i < made.size(); ++i)
      made[i] = static_cast<unsigned char>(id >> (8 * i));
    return made;
  }
  bool link_up() const override { return true; }

 private:
  bool alive() const {
    const auto running = board_.sim_->node(node_).context();
    return running && running->incarnation == incarnation_;
  }
  address_board::hold* current() {
    const auto at = board_.newest_.find(node_);
    if (at == board_.newest_.end()) return nullptr;
    auto& hold = board_.holds_[at->second];
    return hold.to > board_.now() ? &hold : nullptr;
  }
  /// As the node's clock runs now.
  duration virtual_time(time_point local) const {
    const auto left = std::max(local - ports_.clock->now(), duration{0});
    return board_.now() + board_.sim_->node(node_).clock().virtual_delay(left);
  }
  duration some_time() { return microseconds{ports_.random->between(50, 1000)}; }
  void reply(caf::actor receiver, answer then, status how) {
    if (!receiver) return;
    ports_.clock->after(some_time(), std::move(receiver),
                        task{[then = std::move(then), how] { then(how); }});
  }

  address_board& board_;
  std::string node_;
  std::uint64_t incarnation_;
  ports ports_;
  caf::actor watcher_;
  watch_function watching_;
};

std::shared_ptr<address_owner> address_board::make_owner(const node_ptr& node) {
  if (const auto at = newest_.find(node->name); at != newest_.end()) {
    auto& hold = holds_[at->second];
    hold.to = std::min(hold.to, now());
  }
  return std::make_shared<sim_address_owner>(*this, node);
}

std::vector<std::string> address_board::holders() const {
  std::vector<std::string> found;
  for (const auto& [node, at] : newest_)
    if (holds_[at].from <= now() && now() < holds_[at].to) found.push_back(node);
  return found;
}

std::optional<std::string> address_board::more_than_one() const {
  const auto found = holders();
  if (found.size() < 2) return std::nullopt;
  return found[0] + " and " + found[1] + " hold the address at once";
}

std::vector<address_board::overlap> address_board::overlaps() const {
  std::map<std::pair<std::string, std::string>, duration> sums;
  for (const auto& one : holds_)
    for (const auto& other : holds_) {
      if (one.node >= other.node) continue;
      const auto length = std::min({one.to, other.to, now()}) - std::max(one.from, other.from);
      if (length > duration{0}) sums[{one.node, other.node}] += length;
    }
  std::vector<overlap> found;
  for (const auto& [pair, length] : sums) found.push_back({pair.first, pair.second, length});
  return found;
}

duration address_board::longest_gap(duration from, duration to) const {
  auto sorted = holds_;
  std::sort(sorted.begin(), sorted.end(),
            [](const hold& x, const hold& y) { return x.from < y.from; });
  duration longest{0};
  auto covered = from;
  for (const auto& each : sorted) {
    if (each.from >= to) break;
    if (each.from > covered) longest = std::max(longest, each.from - covered);
    covered = std::max(covered, each.to);
  }
  return std::max(longest, to - std::min(covered, to));
}

}  // namespace us
