#include "tests/checkers/random_history.hpp"

#include <map>
#include <random>
#include <vector>

namespace us::test {

namespace {

/// One client at work: its operation begins, happens, ends, each after a chance.
struct client {
  enum class stage { idle, begun, happened } stage = stage::idle;
  history::index operation = 0;
  operation_end end;
};

class world {
 public:
  world(const history_shape& shape, std::uint64_t seed)
      : shape_(shape), random_(seed), clients_(shape.clients) {}

  history run() {
    while (history_.size() < shape_.operations || busy_ > 0) {
      const auto who = below(clients_.size());
      step(clients_[who], static_cast<std::int64_t>(who));
    }
    return std::move(history_);
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool chance(std::uint64_t percent) { return below(100) < percent; }

  void step(client& c, std::int64_t who) {
    now_ += 1 + static_cast<std::int64_t>(below(50));
    switch (c.stage) {
      case client::stage::idle: return begin(c, who);
      case client::stage::begun: return happen(c);
      case client::stage::happened: break;
    }
    c.end.at_ns = now_;
    history_.end(c.operation, c.end);
    c.stage = client::stage::idle;
    --busy_;
  }

  void begin(client& c, std::int64_t who) {
    if (history_.size() == shape_.operations) return;
    operation_call call{.process = who,
                        .f = verb(),
                        .key = "k" + std::to_string(below(shape_.keys)),
                        .input = {},
                        .expected = {},
                        .at_ns = now_};
    if (call.f == "cas") call.expected = states_[call.key];
    if (call.f == "cas" && chance(40)) call.expected = value();
    if (call.f != "read" && call.f != "get") call.input = value();
    c.operation = history_.begin(call);
    c.stage = client::stage::begun;
    ++busy_;
  }

  void happen(client& c) {
    const auto& o = history_[c.operation];
    auto& state = states_[o.key];
    c.end = {};
    c.stage = client::stage::happened;
    const bool open = chance(shape_.open_percent);
    if (open) c.end.outcome = operation_outcome::open;
    if (open && chance(50)) return;  // it never happens
    if (o.f == "read" || o.f == "get") c.end.output = state;
    if (o.f == "write" || o.f == "put") state = o.input;
    if (o.f == "append") state = kv_bytes(state).value_or("") + kv_bytes(o.input).value_or("");
    if (o.f == "cas" && state == o.expected)
      state = o.input;
    else if (o.f == "cas" && !open)
      c.end.outcome = operation_outcome::failed;
  }

  std::string verb() {
    if (shape_.model == object_model::key_value)
      return chance(45) ? "get" : chance(60) ? "append" : "put";
    if (chance(shape_.cas_percent)) return "cas";
    return chance(50) ? "read" : "write";
  }
  history_value value() {
    const auto number = shape_.values == 0 ? ++unique_ : below(shape_.values);
    if (shape_.model == object_model::key_value) return std::to_string(number) + ".";
    return static_cast<std::int64_t>(number);
  }

  history_shape shape_;
  std::mt19937_64 random_;
  std::vector<client> clients_;
  history history_;
  std::map<std::string, history_value> states_;
  std::size_t busy_ = 0;
  std::uint64_t unique_ = 0;
  std::int64_t now_ = 0;
};

bool observed(const operation& o) {
  return o.outcome == operation_outcome::done && (o.f == "read" || o.f == "get");
}

struct event {
  history::index operation;
  bool begins;
};

/// The same events, with other outputs.
history copy_with(const history& h, history::index changed, const history_value& output) {
  std::map<std::size_t, event> events;
  for (history::index i = 0; i < h.size(); ++i) {
    events[h[i].begun] = {i, true};
    if (h[i].ended != operation::never) events[h[i].ended] = {i, false};
  }
  history copy;
  std::map<std::int64_t, history::index> busy;
  for (const auto& [position, e] : events) {
    const auto& o = h[e.operation];
    if (!e.begins) {
      copy.end(e.operation, {o.outcome, e.operation == changed ? output : o.output, 0, o.ended_ns});
      busy.erase(o.process);
      continue;
    }
    if (busy.contains(o.process)) copy.end(busy[o.process], {operation_outcome::open, {}, 0, o.at_ns});
    copy.begin(o);
    busy[o.process] = e.operation;
  }
  return copy;
}

}  // namespace

history random_history(const history_shape& shape, std::uint64_t seed) {
  return world{shape, seed}.run();
}

history with_one_wrong_read(const history& h, std::uint64_t seed) {
  std::mt19937_64 random{seed};
  std::map<std::string, std::vector<history::index>> reads;
  for (history::index i = 0; i < h.size(); ++i)
    if (observed(h[i])) reads[h[i].key].push_back(i);
  if (reads.empty()) return h;
  auto at = reads.begin();
  std::advance(at, random() % reads.size());
  const auto changed = at->second[random() % at->second.size()];
  const auto other = at->second[random() % at->second.size()];
  return copy_with(h, changed, h[other].output);
}

}  // namespace us::test
