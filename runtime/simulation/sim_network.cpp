#include "runtime/simulation/sim_network.hpp"

#include "messages/wire.hpp"
#include "runtime/node/node_actor.hpp"
#include "runtime/simulation/incarnation.hpp"
#include "runtime/simulation/world.hpp"

#include <algorithm>
#include <bit>

namespace us::sim {

namespace {

constexpr std::uint64_t inflight_bytes_max = 64u << 20;

bool contains(const fabric::names& some, const std::string& name) {
  return std::find(some.begin(), some.end(), name) != some.end();
}

std::string joined(const fabric::names& some) {
  std::string text;
  for (const auto& name : some) text += (text.empty() ? "" : ",") + name;
  return text;
}

/// Flips one to eight bits, all different: two flips of one would leave the frame whole.
void damage(std::span<std::byte> bytes, random_stream& chance) {
  std::vector<std::uint64_t> flipped;
  for (auto flips = chance.between(1, 8); flips > 0; --flips) {
    const auto bit = chance.between(0, bytes.size() * 8 - 1);
    if (std::find(flipped.begin(), flipped.end(), bit) != flipped.end()) continue;
    flipped.push_back(bit);
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
  }
}

class network_port final : public us::network {
 public:
  explicit network_port(std::shared_ptr<incarnation> who) : who_(std::move(who)) {}

  errc send(node_id to, const frame& f) override {
    if (!who_->alive) return errc::unreachable;
    return who_->where->network().send(who_->node, to, f);
  }

 private:
  std::shared_ptr<incarnation> who_;
};

}  // namespace

struct fabric::link {
  explicit link(random_stream stream) : chance(stream) {}

  random_stream chance;
  link_rules rules;
  link_counts counts;
  duration last_arrival{0};
  duration busy_until{0};
  duration cut_until{0};
  duration clogged_until{0};
  std::uint64_t inflight_bytes = 0;
};

link_counts& link_counts::operator+=(const link_counts& other) {
  sent += other.sent;
  delivered += other.delivered;
  lost += other.lost;
  cut += other.cut;
  duplicated += other.duplicated;
  corrupted += other.corrupted;
  caught += other.caught;
  receiver_down += other.receiver_down;
  no_receiver += other.no_receiver;
  refused += other.refused;
  return *this;
}

fabric::fabric(world& where) : world_(where) {}
fabric::~fabric() = default;

void fabric::grow(std::size_t nodes) {
  std::vector<std::unique_ptr<link>> larger(nodes * nodes);
  for (std::size_t from = 0; from < nodes; ++from) {
    for (std::size_t to = 0; to < nodes; ++to) {
      auto& place = larger[from * nodes + to];
      if (from < count_ && to < count_) {
        place = std::move(links_[from * count_ + to]);
        continue;
      }
      // Named by the nodes, so that a further node shifts no other link's chance.
      place = std::make_unique<link>(world_.seeds().stream("link/" + world_.nodes()[from]->name() +
                                                           "/" + world_.nodes()[to]->name()));
      place->rules = defaults_;
    }
  }
  links_ = std::move(larger);
  count_ = nodes;
}

fabric::link& fabric::at(std::size_t from, std::size_t to) const {
  return *links_[from * count_ + to];
}

fabric::link& fabric::at(std::string_view from, std::string_view to) const {
  return at(world_.find(from).index(), world_.find(to).index());
}

// -- what is asked for

template <class F>
void fabric::each_rule(F f) {
  f(defaults_);
  for (auto& each : links_) f(each->rules);
}

void fabric::loss(double probability) {
  each_rule([&](link_rules& rules) { rules.loss = probability; });
}

void fabric::delay(duration min, duration max) {
  each_rule([&](link_rules& rules) {
    rules.delay_min = min;
    rules.delay_max = std::max(min, max);
  });
}

void fabric::duplicate(double probability) {
  each_rule([&](link_rules& rules) { rules.duplicate = probability; });
}

void fabric::reorder(double probability) {
  each_rule([&](link_rules& rules) { rules.reorder = probability; });
}

void fabric::corrupt(double probability) {
  each_rule([&](link_rules& rules) { rules.corrupt = probability; });
}

void fabric::bandwidth(std::uint64_t bytes_per_second) {
  each_rule([&](link_rules& rules) { rules.bytes_per_second = bytes_per_second; });
}

link_rules& fabric::between(std::string_view from, std::string_view to) {
  return at(from, to).rules;
}

const link_counts& fabric::counts(std::string_view from, std::string_view to) const {
  return at(from, to).counts;
}

link_counts fabric::counts() const {
  link_counts sum;
  for (const auto& each : links_) sum += each->counts;
  return sum;
}

// -- partitions

template <class F>
void fabric::each_crossing(const names& some, F f) {
  for (const auto& name : some) (void)world_.find(name);  // a misspelt name fails the run
  for (std::size_t from = 0; from < count_; ++from)
    for (std::size_t to = 0; to < count_; ++to)
      if (contains(some, world_.nodes()[from]->name()) !=
          contains(some, world_.nodes()[to]->name()))
        f(at(from, to));
}

void fabric::split(const names& one, const names& other) {
  for (const auto& x : one) {
    for (const auto& y : other) {
      at(x, y).rules.cut = true;
      at(y, x).rules.cut = true;
    }
  }
  world_.note("split " + joined(one) + " | " + joined(other));
}

void fabric::isolate(const names& some) {
  each_crossing(some, [](link& l) { l.rules.cut = true; });
  world_.note("isolate " + joined(some));
}

void fabric::isolate_for(const names& some, duration length) {
  const auto until = world_.now() + length;
  each_crossing(some, [&](link& l) { l.cut_until = std::max(l.cut_until, until); });
}

void fabric::cut(std::string_view from, std::string_view to) {
  at(from, to).rules.cut = true;
  world_.note("cut " + std::string{from} + " -> " + std::string{to});
}

void fabric::cut_for(std::string_view from, std::string_view to, duration length) {
  auto& l = at(from, to);
  l.cut_until = std::max(l.cut_until, world_.now() + length);
}

void fabric::mend(std::string_view from, std::string_view to) {
  auto& l = at(from, to);
  l.rules.cut = false;
  l.cut_until = duration{0};
  world_.note("mend " + std::string{from} + " -> " + std::string{to});
}

void fabric::clog(std::string_view from, std::string_view to, duration length) {
  auto& l = at(from, to);
  l.clogged_until = std::max(l.clogged_until, world_.now() + length);
}

void fabric::heal() {
  each_rule([](link_rules& rules) {
    rules.cut = false;
    rules.loss = rules.duplicate = rules.reorder = rules.corrupt = 0;
  });
  // What waited in a clog arrives when the clog was to end; what is sent from now on passes it.
  for (auto& each : links_)
    each->cut_until = each->clogged_until = each->last_arrival = each->busy_until = duration{0};
  bursts_ = {};
  world_.note("heal the network");
}

void fabric::burst(burst_kind kind, double amount, duration length) {
  bursts_[static_cast<std::size_t>(kind)] = {amount, world_.now() + length};
}

double fabric::burst_now(burst_kind kind) const {
  const auto& burst = bursts_[static_cast<std::size_t>(kind)];
  return burst.until > world_.now() ? burst.amount : 0;
}

double fabric::with_burst(burst_kind kind, double amount) const {
  return std::max(amount, burst_now(kind));
}

bool fabric::is_cut(const link& l) const {
  return l.rules.cut || l.cut_until > world_.now();
}

// -- frames on their way

errc fabric::send(std::size_t from, node_id to, const frame& f) {
  auto* receiver = world_.find(to);
  if (receiver == nullptr) return errc::unreachable;
  auto& l = at(from, receiver->index());
  ++l.counts.sent;
  if (!receiver->running()) {
    ++l.counts.refused;
    return errc::unreachable;
  }
  if (l.inflight_bytes + f.size() > inflight_bytes_max) {
    ++l.counts.refused;
    return errc::overloaded;
  }
  if (is_cut(l)) {
    ++l.counts.cut;
    show(from, receiver->index(), f, {}, frame_seen::fate::cut);
    return errc::none;
  }
  if (l.chance.chance(with_burst(burst_kind::loss, l.rules.loss))) {
    ++l.counts.lost;
    show(from, receiver->index(), f, {}, frame_seen::fate::lost);
    return errc::none;
  }
  const auto in_order = !l.chance.chance(with_burst(burst_kind::reorder, l.rules.reorder));
  launch(l, from, receiver->index(), f, in_order);
  if (l.chance.chance(with_burst(burst_kind::duplicate, l.rules.duplicate))) {
    ++l.counts.duplicated;
    launch(l, from, receiver->index(), f, false);
  }
  return errc::none;
}

void fabric::launch(link& l, std::size_t from, std::size_t to, const frame& f, bool in_order) {
  const auto travel = travel_time(l, f.size(), in_order);
  const auto damaged = l.chance.chance(with_burst(burst_kind::corrupt, l.rules.corrupt));
  l.inflight_bytes += f.size();
  show(from, to, f, travel, damaged ? frame_seen::fate::damaged : frame_seen::fate::arrives);
  world_.schedule_frame(static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to), travel, f,
                        damaged);
}

void fabric::show(std::size_t from, std::size_t to, const frame& f, duration travel,
                  frame_seen::fate what) const {
  if (!watch_) return;
  watch_({from, to, f.type(), f.size(), world_.now(), world_.now() + travel, what});
}

duration fabric::waiting_to_leave(link& l, std::size_t bytes) const {
  const auto now = world_.now();
  const auto after = [&](double rate) {
    const auto seconds = static_cast<double>(bytes) / rate;
    return std::max(now, l.busy_until) + duration{static_cast<std::int64_t>(seconds * 1e9)};
  };
  auto leaves = now;
  if (l.rules.bytes_per_second > 0) leaves = after(static_cast<double>(l.rules.bytes_per_second));
  if (const auto rate = burst_now(burst_kind::throttle); rate > 0) {
    const auto ends = bursts_[static_cast<std::size_t>(burst_kind::throttle)].until;
    leaves = std::max(leaves, std::min(after(rate), ends));
  }
  if (leaves > now) l.busy_until = leaves;
  return leaves - now;
}

duration fabric::under_way(link& l) const {
  const auto of_ms = [](double ms) { return duration{static_cast<std::int64_t>(ms * 1e6)}; };
  const auto max = std::max(l.rules.delay_max, of_ms(burst_now(burst_kind::delay_ms)));
  auto delay = l.chance.between(l.rules.delay_min, max);
  if (const auto median = of_ms(burst_now(burst_kind::delay_tail_ms)); median > duration{0}) {
    // Halvings by coin, evenly between two of them: no logarithm, whose last bit may differ
    // between machines.
    const auto halvings = std::countl_zero(l.chance.next() | 1);
    delay += median * halvings + l.chance.between(duration{0}, median);
  }
  if (const auto spike = of_ms(burst_now(burst_kind::delay_spikes_ms)); spike > duration{0})
    if (l.chance.chance(0.02)) delay += spike;
  return delay;
}

duration fabric::travel_time(link& l, std::size_t bytes, bool in_order) {
  const auto now = world_.now();
  const auto leaves = now + waiting_to_leave(l, bytes);
  // What leaves its order falls behind frames sent up to a few delays later.
  const auto factor = in_order ? 1 : static_cast<int>(l.chance.between(1, 4));
  const auto delay = under_way(l) * factor;
  auto arrives = std::max(leaves + delay, l.clogged_until);
  if (in_order) arrives = l.last_arrival = std::max(arrives, l.last_arrival);
  return arrives - now;
}

void fabric::arrive(std::size_t from, std::size_t to, const frame& f, bool damaged) {
  auto& l = at(from, to);
  auto& receiver = *world_.nodes()[to];
  l.inflight_bytes -= f.size();
  if (!receiver.running()) {
    ++l.counts.receiver_down;
  } else if (is_cut(l)) {
    ++l.counts.cut;
  } else if (damaged) {
    deliver_damaged(l, receiver, f);
  } else {
    hand_over(l, receiver, f);
  }
}

void fabric::deliver_damaged(link& l, node& receiver, const frame& f) {
  auto header = wire_header(f);
  std::vector<std::byte> bytes{header.begin(), header.end()};
  bytes.insert(bytes.end(), f.payload().begin(), f.payload().end());
  damage(bytes, l.chance);
  ++l.counts.corrupted;
  wire_reader reader;
  auto arrived = false;
  auto each = [&](const frame&) { arrived = true; };
  (void)reader.consume(bytes, each, [](frame_error) {});
  if (arrived) world_.fail("a damaged frame passed the checksum of " + receiver.name());
  ++l.counts.caught;
  report_dropped(*receiver.context(), f, "corrupted");
}

void fabric::hand_over(link& l, node& receiver, const frame& f) {
  ++l.counts.delivered;
  receiver.turn([&] {
    const auto& context = *receiver.current()->context;
    if (context.directory->deliver(f)) return;
    ++l.counts.no_receiver;
    report_dropped(context, f, "no_receiver");
  });
}

std::shared_ptr<us::network> make_network_port(std::shared_ptr<incarnation> who) {
  return std::make_shared<network_port>(std::move(who));
}

}  // namespace us::sim
