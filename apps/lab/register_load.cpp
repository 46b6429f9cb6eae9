#include "apps/lab/register_load.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace lab {

using us::operation_outcome;

load_counts& load_counts::operator+=(const load_counts& other) {
  done += other.done;
  rejected += other.rejected;
  unknown += other.unknown;
  return *this;
}

register_load::register_load(us::simulated_cluster& cluster, load_options how)
    : cluster_(cluster), how_(how), busy_(how.clients) {}

void register_load::start() {
  cluster_.every(us::duration{std::chrono::seconds{1}} / how_.requests_per_second,
                 [this] { return begin_one(); });
}

bool register_load::begin_one() {
  if (stopped_) return false;
  for (std::uint32_t i = 0; i < how_.clients; ++i) {
    const auto who = next_++ % how_.clients;
    if (busy_[who]) continue;
    auto& chance = cluster_.world().random();
    const auto key = "key-" + std::to_string(chance.between(1, how_.keys));
    switch (chance.between(0, 3)) {
      case 0: cas(who, key); break;
      case 1: write(who, key); break;
      default: read(who, key); break;
    }
    return true;
  }
  return true;
}

us::simulated_client& register_load::connection(std::uint32_t who) {
  // Its own node, or the next one that runs: a client that is refused a connection tries another.
  const auto& nodes = cluster_.nodes();
  auto at = who % nodes.size();
  for (std::size_t i = 0; i < nodes.size() && !cluster_.node(nodes[at]).running(); ++i)
    at = (at + 1) % nodes.size();
  return cluster_.client_at(nodes[at], who);
}

us::history::index register_load::begin(std::uint32_t who, const char* f, const std::string& key,
                                        us::history_value input, us::history_value expected) {
  busy_[who] = true;
  ++begun_;
  us::operation_call call;
  call.process = who;
  call.f = f;
  call.key = key;
  call.input = std::move(input);
  call.expected = std::move(expected);
  call.at_ns = cluster_.now().count();
  return history_.begin(std::move(call));
}

void register_load::end(std::uint32_t who, us::history::index which, us::outcome_kind how,
                        us::operation_end done) {
  busy_[who] = false;
  done.at_ns = cluster_.now().count();
  switch (how) {
    case us::outcome_kind::done: ++counts_.done; break;
    case us::outcome_kind::unknown:
      ++counts_.unknown;
      done.outcome = operation_outcome::open;
      break;
    case us::outcome_kind::rejected:
      ++counts_.rejected;
      // A failed cas would be an observation, and this one saw nothing.
      done.outcome =
          history_[which].f == "cas" ? operation_outcome::open : operation_outcome::failed;
      break;
  }
  history_.end(which, std::move(done));
}

void register_load::read(std::uint32_t who, const std::string& key) {
  const auto which = begin(who, "read", key, {});
  connection(who)
      .call<message::Read, message::Register>([&](message::Read::Builder to) { to.setKey(key); })
      .then([this, who, which](const us::simulated_call<message::Register>& call) {
        us::operation_end done;
        if (call.done() && call.reply().getWritten())
          done.output = std::int64_t{call.reply().getValue()};
        end(who, which, *call.outcome(), std::move(done));
      });
}

void register_load::write(std::uint32_t who, const std::string& key) {
  const auto value = next_value_++;
  const auto which = begin(who, "write", key, value);
  connection(who)
      .call<message::Write, message::Register>([&](message::Write::Builder to) {
        to.setKey(key);
        to.setValue(value);
      })
      .then([this, who, which](const us::simulated_call<message::Register>& call) {
        end(who, which, *call.outcome(), {});
      });
}

void register_load::cas(std::uint32_t who, const std::string& key) {
  auto& chance = cluster_.world().random();
  // One of the newest values: some match.
  const auto back = static_cast<std::int64_t>(chance.between(1, 2 * how_.keys));
  const auto expected = std::max<std::int64_t>(next_value_ - back, 1);
  const auto value = next_value_++;
  const auto which = begin(who, "cas", key, value, expected);
  connection(who)
      .call<message::Cas, message::Swapped>([&](message::Cas::Builder to) {
        to.setKey(key);
        to.setExpected(expected);
        to.setValue(value);
      })
      .then([this, who, which](const us::simulated_call<message::Swapped>& call) {
        us::operation_end done;
        if (call.done() && !call.reply().getMatched()) done.outcome = operation_outcome::failed;
        end(who, which, *call.outcome(), std::move(done));
      });
}

}  // namespace lab
