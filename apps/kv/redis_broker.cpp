#include "apps/kv/redis_broker.hpp"

#include "apps/kv/call.hpp"
#include "apps/kv/placing.hpp"
#include "runtime/node/node_actor.hpp"

#include <caf/send.hpp>

#include <algorithm>

#include "messages/request.capnp.h"

namespace kv {

namespace {

using us::message::Reason;

constexpr std::size_t draft_words_max = (8u << 20) / sizeof(capnp::word);
constexpr char cross_partition_text[] =
    "CROSSSLOT Keys in request don't hash to the same slot: they are in different partitions; with "
    "the same {...} in them they are not";
constexpr char stopping_text[] = "TRYAGAIN this node is stopping; the command was not executed";

// The error that a client sees. Texts come from the service and the cluster.
std::string error_text(const us::outcome& o) {
  if (o.kind == us::outcome_kind::unknown)
    return "UNKNOWN the outcome is not known: the command may or may not have been executed (" +
           o.text + ")";
  switch (o.reason) {
    case Reason::OVERLOADED: return "BUSY " + o.text + "; the command was not executed";
    case Reason::DISK_FULL:
      return "MISCONF no space left on disk: writes are refused until there is (" + o.text + ")";
    case Reason::FAILED:
    case Reason::MALFORMED:
    case Reason::UNKNOWN_TYPE: return "ERR " + o.text;
    default: return "TRYAGAIN " + o.text + "; the command was not executed";
  }
}

/// When a command is answered, and by whom.
us::submit_options options_of(const session& who, std::string_view name) {
  us::submit_options options{.acknowledge = who.acknowledge};
  if (who.reads.who == us::read_policy::kind::linearizable) return options;
  const auto* what = find_command(name);
  if (what == nullptr || (what->flags & command::readonly) == 0) return options;
  options.reads = who.reads;
  if (options.reads.who == us::read_policy::kind::bounded) options.reads.after = who.seen;
  return options;
}

/// In one batch, of which every command sees what any of their clients has seen.
bool go_together(const us::submit_options& x, const us::submit_options& y) {
  return x.acknowledge == y.acknowledge && x.reads.who == y.reads.who &&
         x.reads.staleness == y.reads.staleness;
}

}  // namespace

redis_broker::redis_broker(caf::actor_config& config, us::node_ptr node, redis_options options,
                           us::endpoint where, std::uint32_t partitions,
                           std::shared_ptr<us::owned_socket> listener)
    : caf::io::broker(config),
      node_(std::move(node)),
      options_(options),
      listener_(std::move(listener)),
      partitions_(partitions) {
  where.port = us::bound_port(*listener_);
  facts_.node = node_->name;
  facts_.cluster = node_->cluster;
  facts_.local = us::to_string(where);
  facts_.port = where.port;
  facts_.clients_max = options_.clients_max;
  facts_.since_ms = node_->ports.clock->wall_ms();
  facts_.wall_ms = [this] { return node_->ports.clock->wall_ms(); };
  facts_.each_session = [this](const std::function<void(const session&)>& each) {
    for (const auto& c : clients_)
      if (c) each(c->talk.who());
  };
  auto& metrics = *node_->metrics;
  clients_gauge_ = metrics.make_gauge("kv_clients", "Connected Redis clients");
  commands_counter_ = metrics.make_counter("kv_commands_total", "Commands that clients sent");
  cut_counter_ = metrics.make_counter("kv_clients_cut_off_total",
                                      "Clients that broke the protocol or did not read");
}

redis_broker::~redis_broker() = default;

caf::resumable::resume_result redis_broker::resume(caf::execution_unit* unit,
                                                   std::size_t messages_max) {
  ++resumes_;
  return caf::io::broker::resume(unit, messages_max);
}

caf::behavior redis_broker::make_behavior() {
  const auto self = caf::actor_cast<caf::actor>(this);
  const auto key = us::actor_key_of("kv/redis");
  service_ = us::partitioned_client::make(
      node_, self, key,
      {.service = "kv", .open_max = options_.open_max + connection::batch_commands_max},
      partitions_,
      [this](us::request_sequence sequence, const us::outcome& o) { outcome(sequence, o); });
  frames_ = us::dispatch_table{service_->handlers()};
  node_->directory->add(key, self);
  attach_functor([node = node_, key, address = self.address()] {
    auto who = node->directory->find(key);
    if (who && who.address() == address) node->directory->remove(key, who);
  });
  set_exit_handler([this](caf::exit_msg& m) {
    if (m.reason == caf::exit_reason::user_shutdown)
      drain();
    else
      quit(m.reason);
  });
  doorman_ = add_doorman(listener_->release());
  after(std::chrono::seconds{1}, [this] { tick(); });
  return {
      [this](const caf::io::new_data_msg& m) { data(m); },
      [this](const us::frame& f) { receive(f); },
      [this](const us::task& work) {
        work();
        write_changed();
      },
      [this](const caf::io::data_transferred_msg& m) { transferred(m); },
      [this](const caf::io::new_connection_msg& m) { accept(m); },
      [this](const caf::io::connection_closed_msg& m) { closed(m); },
      [](const caf::io::acceptor_closed_msg&) {},
      [](const caf::io::connection_passivated_msg&) {},
      [](const caf::io::acceptor_passivated_msg&) {},
  };
}

// The service's client holds its host: this actor.
void redis_broker::on_exit() {
  frames_ = {};
  service_.reset();
  clients_.clear();
  leaving_.clear();
}

void redis_broker::receive(const us::frame& f) {
  if (frames_.dispatch(f) != us::dispatch_result::handled)
    us::report_dropped(*node_, f, "not_for_an_edge");
  write_changed();
}

redis_broker::client* redis_broker::find(const client_ref& who) {
  const auto at = static_cast<std::size_t>(who.socket);
  auto* c = at < clients_.size() ? clients_[at].get() : nullptr;
  if (c != nullptr && c->serial == who.serial) return c;
  if (leaving_.empty()) return nullptr;
  const auto left = leaving_.find(who.serial);
  return left == leaving_.end() ? nullptr : left->second.get();
}

redis_broker::client* redis_broker::find(caf::io::connection_handle handle) {
  const auto at = static_cast<std::size_t>(handle.id());
  auto* c = at < clients_.size() ? clients_[at].get() : nullptr;
  return c != nullptr && c->handle == handle ? c : nullptr;
}

// The client gets its part of the next turn, which comes after all sockets of this one.
void redis_broker::queue(client& c) {
  if (c.queued || c.talk.busy() || !c.talk.has_input()) return;
  c.queued = true;
  ready_.push_back({static_cast<int>(c.handle.id()), c.serial});
  if (turn_comes_) return;
  turn_comes_ = true;
  send(this, us::task{[this] { turn(); }});
}

// What the client has to be told, or its end, is seen to when the current message is done.
void redis_broker::touch(client& c) {
  if (c.changed) return;
  c.changed = true;
  changed_.push_back({static_cast<int>(c.handle.id()), c.serial});
}

void redis_broker::turn() {
  turn_comes_ = false;
  auto now_ready = std::move(ready_);
  ready_.clear();
  std::size_t settled = 0;
  auto submit_and_settle = [&](std::size_t end) {
    submit_draft();
    for (; settled < end; ++settled)
      if (auto* c = find(now_ready[settled])) c->talk.settle();
  };
  for (std::size_t i = 0; i < now_ready.size(); ++i) {
    if (auto* c = find(now_ready[i])) advance(*c);
    // A client's commands stay in one batch: batches may overtake each other.
    if (draft_.words > draft_words_max) submit_and_settle(i + 1);
  }
  submit_and_settle(now_ready.size());
  if (ready_.empty()) {
    now_ready.clear();
    ready_ = std::move(now_ready);
  }
}

void redis_broker::advance(client& c) {
  c.queued = false;
  // What waits here for the service does so unparsed, and is looked at again by check_held().
  const auto open = service_->open() + draft_.tickets.size();
  if (c.buffered > connection::output_pause_bytes || open > options_.open_max) return hold_back(c);
  const auto met =
      c.talk.advance(facts_, [&](std::uint32_t index, std::span<const std::string_view> arguments) {
        return draft_command(c, index, arguments);
      });
  facts_.commands_total += met;
  commands_counter_.add(static_cast<double>(met));
  if (draining_) c.talk.finish();
  if (!may_read(c)) hold_back(c);
  touch(c);
}

const char* redis_broker::draft_command(client& c, std::uint32_t index,
                                        std::span<const std::string_view> arguments) {
  if (draining_) return stopping_text;
  us::request_place place;
  if (partitions_ > 1) place = place_of(arguments, partitions_);
  if (!place.refused.empty()) return cross_partition_text;
  auto options = options_of(c.talk.who(), arguments[0]);
  // Other clients' so far: those of one client have the same options until they are done.
  if (!go_together(draft_.options, options)) submit_draft();
  options.reads.after = std::max(options.reads.after, draft_.options.reads.after);
  draft_.options = options;
  draft_.tickets.push_back({{static_cast<int>(c.handle.id()), c.serial}, index});
  draft_.words += 8 + arguments.size();
  for (auto argument : arguments) {
    draft_.arguments.push_back(argument);
    draft_.words += argument.size() / sizeof(capnp::word) + 1;
  }
  draft_.ends.push_back(draft_.arguments.size());
  if (partitions_ > 1) draft_.places.push_back(std::move(place));
  return nullptr;
}

void redis_broker::submit_draft() {
  if (draft_.tickets.empty()) return;
  const auto count = draft_.tickets.size();
  submitting_ = true;
  const auto first = service_->submit(
      count,
      [&](std::size_t i, us::message::Request::Builder request) {
        request.setType(capnp::typeId<Command>());
        const auto begin = i == 0 ? 0 : draft_.ends[i - 1];
        const auto words = static_cast<unsigned>(draft_.ends[i] - begin);
        auto into = request.getBody().initAs<Command>().initArguments(words);
        for (unsigned at = 0; at < words; ++at) into.set(at, as_data(draft_.arguments[begin + at]));
      },
      [&](std::size_t i) { return std::move(draft_.places[i]); }, draft_.words + 32,
      draft_.options);
  submitting_ = false;
  batches_.push_back({first, std::move(draft_.tickets), count});
  draft_.tickets.clear();
  draft_.ends.clear();
  draft_.arguments.clear();
  draft_.places.clear();
  draft_.words = 0;
  draft_.options.reads.after = {};
  for (const auto& [sequence, o] : std::exchange(early_, {})) outcome(sequence, o);
}

void redis_broker::outcome(us::request_sequence sequence, const us::outcome& o) {
  if (submitting_) {
    early_.emplace_back(sequence, o);  // a rejection: it has no reply
    return;
  }
  auto at = std::upper_bound(
      batches_.begin(), batches_.end(), sequence,
      [](us::request_sequence wanted, const batch& b) { return wanted < b.first; });
  if (at == batches_.begin()) return;
  --at;
  const auto i = static_cast<std::size_t>(sequence.value - at->first.value);
  if (i >= at->tickets.size()) return;
  finish(at->tickets[i], o);
  --at->open;
  while (!batches_.empty() && batches_.front().open == 0) batches_.pop_front();
}

void redis_broker::finish(const ticket& t, const us::outcome& o) {
  auto* c = find(t.who);
  if (c == nullptr) return;  // hung up meanwhile
  if (o.kind == us::outcome_kind::done) {
    c->talk.saw(o.index);
    try {
      const auto words = us::as_words(o.reply);
      capnp::FlatArrayMessageReader reader{words, us::reader_options(words.size())};
      c->talk.answer(t.index, reader.getRoot<Answer>());
    } catch (const kj::Exception&) {
      c->talk.refuse(t.index, "ERR the command was executed but its reply cannot be read");
    }
  } else {
    c->talk.refuse(t.index, error_text(o));
  }
  if (!c->talk.busy() || c->talk.output().size() > connection::output_pause_bytes) touch(*c);
}

void redis_broker::drain() {
  if (draining_) return;
  if (!reading_began(0)) return after(std::chrono::milliseconds{1}, [this] { drain(); });
  draining_ = true;
  broker::close(doorman_);
  for (const auto& c : clients_) {
    if (!c) continue;
    if (c->talk.has_input()) {
      queue(*c);
      continue;
    }
    c->talk.finish();
    touch(*c);
  }
  // By then every command under way has an outcome.
  const auto patience = node_->timing.request_timeout + std::chrono::seconds{1};
  after(patience, [this] { quit(caf::exit_reason::user_shutdown); });
  write_changed();
  quit_when_drained();
}

void redis_broker::quit_when_drained() {
  if (draining_ && facts_.clients == 0) quit(caf::exit_reason::user_shutdown);
}

}  // namespace kv
