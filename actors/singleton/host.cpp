#include "actors/singleton/host.hpp"

#include "actors/active_passive/roles.hpp"
#include "actors/client/service_client.hpp"
#include "actors/singleton/keys.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace us::singletons {

namespace {

using standing = execution_book::standing;

/// A copy of a request may come long after its instance has ended.
constexpr std::size_t past_max = 8;

verdict not_taken() {
  return {.outcome = message::SingletonOutcome::NOT_TAKEN};
}

verdict unknown(std::string text) {
  return {message::SingletonOutcome::UNKNOWN, message::Reason::FAILED, std::move(text), {}};
}

void tell(const host::answer_to& to, const status& how) {
  if (to.receiver) caf::anon_send(to.receiver, task{[then = to.then, how] { then(how); }});
}

}  // namespace

host::host(caf::actor_config& config, node_ptr node, singleton of, singleton_config how)
    : node_actor(config, std::move(node)),
      singleton_(std::move(of)),
      how_(std::move(how)),
      window_(singleton_.restarts) {
  set_down_handler([this](const caf::down_msg& down) { on_down(down); });
}

void host::on_exit() {
  node_actor::on_exit();
  if (tenure_) tenure_->end();
  if (instance_) {
    node().directory->remove(instance_key(singleton_.name), instance_);
    caf::anon_send_exit(instance_, caf::exit_reason::kill);
  }
  instance_ = nullptr;
  watch({}, {});
  releases_.clear();
  next_.reset();
  open_.clear();
}

caf::behavior host::make_behavior() {
  listen_as(host_key(singleton_.name));
  return serve(dispatch_table{{on_frame<message::SingletonRequest>(
                   [this](const frame& f, const us::sender& from) { take(f, from); })}},
               {[this](const asked_ended& how) { finish(how); }});
}

void host::watch(caf::actor watcher, address_owner::watch_function f) {
  watcher_ = std::move(watcher);
  watching_ = std::move(f);
}

// -- life

void host::assume(std::shared_ptr<us::tenure> with, answer_to then) {
  if (!with->holds(now())) return tell(then, failure{errc::io_failed, "its time is over already"});
  if (instance_) {
    next_.emplace(std::move(with), std::move(then));
    return end_instance(true);
  }
  tenure_ = std::move(with);
  look_at_time(++generation_);
  const auto& former = term_->former;
  const auto why = former.node.none() ? start_reason::first
                   : former.in_order  ? start_reason::takeover
                                      : start_reason::failover;
  start(why, former.node);
  tell(then, us::done{});
}

void host::start(start_reason why, node_id from) {
  started_at_ = now();
  present_ = std::make_shared<episode>();
  present_->number = node().ports.random->next() | 1;
  present_->epoch = term_->epoch;
  try {
    instance_ = singleton_.start(
        system(), {shared_node(), singleton_.name, why, from, term_->epoch, tenure_});
  } catch (const std::exception& e) {
    return crashed(std::string{"it did not start: "} + e.what());
  }
  if (!instance_) return crashed("it did not start: its factory made no actor");
  started(why, from);
}

void host::started(start_reason why, node_id from) {
  monitor(instance_);
  node().directory->add(instance_key(singleton_.name), instance_);
  const auto whose = from.none() ? "" : " from " + node().name_of(from);
  node().ports.log->write(severity::event, singleton_.name + ": lives on " + node().name +
                                               ", epoch " + to_string(term_->epoch) + ": " +
                                               to_string(why) + whose);
  node()
      .metrics
      ->make_counter("understudy_singleton_starts_total", "Instances started on this node",
                     {{"singleton", singleton_.name}, {"why", to_string(why)}})
      .add();
  announce(true);
  announce_again(present_->number);
}

void host::end_instance(bool at_once) {
  ending_ = true;
  if (at_once) return caf::anon_send_exit(instance_, caf::exit_reason::kill);
  caf::anon_send_exit(instance_, caf::exit_reason::user_shutdown);
  after(how_.drain, [this, number = present_->number] {
    if (instance_ && present_->number == number) end_instance(true);
  });
}

void host::release(bool at_once, answer_to then) {
  if (next_) tell(std::exchange(next_, std::nullopt)->second, failure{errc::io_failed, "released"});
  if (!instance_) {
    if (tenure_) tenure_->end();
    tenure_.reset();
    ++generation_;
    return tell(then, us::done{});
  }
  releases_.push_back(std::move(then));
  end_instance(at_once);
}

void host::on_down(const caf::down_msg& down) {
  if (!instance_ || down.source != instance_.address()) return;
  node().directory->remove(instance_key(singleton_.name), instance_);
  instance_ = nullptr;
  const auto wanted = ending_ || !tenure_ || !tenure_->holds(now());
  settle_open();
  announce(false);
  if (wanted) return ended();
  crashed("it ended: " + caf::to_string(down.reason));
}

/// It is down, as it was to be.
void host::ended() {
  ending_ = false;
  if (tenure_) tenure_->end();
  tenure_.reset();
  ++generation_;
  for (const auto& each : std::exchange(releases_, {})) tell(each, us::done{});
  if (auto next = std::exchange(next_, std::nullopt))
    assume(std::move(next->first), std::move(next->second));
}

void host::crashed(const std::string& why) {
  if (!window_.allows(now())) return give_up(why);
  const auto attempt = streak_.failed(singleton_.restarts, started_at_, now());
  const auto delay =
      supervision::backoff(singleton_.restarts, attempt, node().ports.random->next());
  node().ports.log->write(severity::warning, "singleton_crashed",
                          {{"singleton", singleton_.name},
                           {"why", why},
                           {"restart_in_ms", delay / std::chrono::milliseconds{1}}});
  after(delay, [this, generation = generation_] {
    if (generation == generation_ && tenure_ && tenure_->holds(now()) && !instance_)
      start(start_reason::restart, node().id);
  });
}

/// The seat lets another node have it. Later this one may try again.
void host::give_up(const std::string& why) {
  const auto tell_seat = [this](std::string failing) {
    if (auto seat = node().directory->find(seat_key(singleton_.name)))
      caf::anon_send(seat, active_passive::health_changed{std::move(failing)});
  };
  tell_seat("its instance crashes too often: " + why);
  window_ = supervision::restart_window{singleton_.restarts};
  after(singleton_.cool_down, [tell_seat] { tell_seat({}); });
}

/// Watches the tenure, which is renewed from outside.
void host::look_at_time(std::uint64_t generation) {
  if (generation != generation_ || !tenure_) return;
  if (!tenure_->holds(now())) return time_over();
  after(tenure_->until() - now(), [this, generation] { look_at_time(generation); });
}

void host::time_over() {
  tenure_->end();
  if (instance_)
    end_instance(true);
  else
    ended();
  if (watcher_)
    caf::anon_send(
        watcher_, task{[f = watching_] {
          f({address_event_kind::expired, "its time was over before it was renewed", {}});
        }});
}

// -- requests

/// Nothing more is handed to the present instance.
void host::close() {
  if (!ending_) tenure_->end();
}

bool host::serving() const {
  return instance_ && !ending_ && tenure_ && tenure_->holds(now());
}

host::episode_ptr host::find(std::uint64_t number) const {
  if (present_ && present_->number == number) return present_;
  const auto at = std::find_if(past_.begin(), past_.end(),
                               [number](const auto& each) { return each->number == number; });
  return at == past_.end() ? nullptr : *at;
}

void host::take(const frame& f, const us::sender& from) {
  if (!node().is_member(from.node)) return;
  opened_frame opened{f};
  const auto request = opened.body<message::SingletonRequest>();
  const request_id id{{from.node, request.getOrigin()}, {request.getSequence()}};
  const auto of = find(request.getInstance());
  if (!of) {
    episode gone{request.getInstance(), from.epoch, {}};
    return reply(gone, id, from.where(), unknown("the node has restarted since it was sent"));
  }
  if (from.epoch != of->epoch) return report_dropped(node(), f, "other_epoch");
  switch (of->book.look(id, {request.getFirstOpen()})) {
    case standing::fresh:
      if (of == present_ && serving()) return hand(f, id, from.where());
      // That it is not taken must stay true.
      if (of == present_ && tenure_) close();
      return reply(*of, id, from.where(), not_taken());
    case standing::ended: return reply(*of, id, from.where(), *of->book.find(id));
    case standing::full: return report_dropped(node(), f, "singleton_overloaded");
    case standing::under_way:
    case standing::late: return;
  }
}

void host::hand(const frame& f, const request_id& id, const us::address& from) {
  const auto ticket = ++tickets_;
  const asked request{f, handle(), ticket};
  present_->book.begin(id);
  open_.emplace(ticket, handed{present_, id, from, request.phase()});
  send(instance_, request);
}

void host::finish(const asked_ended& how) {
  auto open = open_.extract(how.ticket);
  if (!open) return;
  const auto& h = open.mapped();
  if (h.to->book.end(h.id, how.verdict)) reply(*h.to, h.id, h.from, how.verdict);
}

/// The instance is down: what it did not answer, it never will. An answer that it gave is on its
/// way to this actor.
void host::settle_open() {
  for (auto at = open_.begin(); at != open_.end();) {
    auto& h = at->second;
    auto expected = asked_phase::handed;
    const bool untouched = h.phase->compare_exchange_strong(expected, asked_phase::withdrawn);
    if (!untouched && expected == asked_phase::ended) {
      ++at;
      continue;
    }
    const auto how = untouched ? not_taken() : unknown("the instance ended before it answered");
    if (h.to->book.end(h.id, how)) reply(*h.to, h.id, h.from, how);
    at = open_.erase(at);
  }
  past_.push_front(std::move(present_));
  present_ = nullptr;
  if (past_.size() > past_max) past_.pop_back();
}

void host::reply(const episode& of, const request_id& id, const us::address& to,
                 const verdict& how) {
  (void)send_frame<message::SingletonReply>(
      to, of.epoch,
      [&](message::SingletonReply::Builder into) {
        into.setInstance(of.number);
        into.setOrigin(id.origin.number);
        into.setSequence(id.sequence.value);
        into.setOutcome(how.outcome);
        into.setReason(how.reason);
        if (!how.text.empty()) into.setText(how.text);
        if (!how.reply.empty())
          into.setBody({reinterpret_cast<const kj::byte*>(how.reply.data()), how.reply.size()});
      },
      24 + (how.reply.size() + how.text.size()) / 8);
}

void host::announce(bool live) {
  const auto& of = live ? *present_ : *past_.front();
  const auto f = make_frame<message::SingletonAt>(
      {0, {node().id, key()}, singleton_key(singleton_.name), of.epoch},
      [&](message::SingletonAt::Builder at) {
        at.setInstance(of.number);
        at.setLive(live);
      },
      8);
  for (const auto& member : node().members) (void)node().send(member.id, f);
  node()
      .metrics
      ->make_gauge("understudy_singleton_live", "1 where the instance lives",
                   {{"singleton", singleton_.name}})
      .set(live ? 1 : 0);
}

/// For proxies that have started since, and so that the others know that it is still there.
void host::announce_again(std::uint64_t number) {
  after(how_.heartbeat, [this, number] {
    if (!serving() || present_->number != number) return;
    announce(true);
    announce_again(number);
  });
}

}  // namespace us::singletons
