#include "tests/singleton/ticket_cluster.hpp"

#include "actors/active_passive/roles.hpp"
#include "actors/client/service_client.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace us::test {

namespace {

using namespace std::chrono_literals;

struct desk_state {
  std::size_t life = 0;
  std::uint64_t given = 0;
  std::size_t held = 0;  ///< taken, to be answered later
  bool leaving = false;
};
using desk = singleton_actor<desk_state>;

void enter(desk* self, const std::shared_ptr<desk_log>& log) {
  const auto& how = self->started();
  if (log->failing_starts > 0) {
    --log->failing_starts;
    throw std::runtime_error{"the desk is locked"};
  }
  auto& state = self->state;
  state.life = log->lives.size();
  log->lives.push_back({how.node->name, log->sim->node(how.node->name).starts(), how.epoch, how.why,
                        how.from.none() ? "" : how.node->name_of(how.from), log->sim->now(),
                        how.tenure});
  self->attach_functor([log, life = state.life] { log->lives[life].ended = true; });
}

void give(desk* self, desk_log& log, std::uint64_t request, Ticket::Builder ticket) {
  auto& state = self->state;
  for (const auto& other : log.lives)
    if (log.one_epoch_at_a_time && other.epoch > self->started().epoch)
      log.wrong = "the instance of epoch " + to_string(self->started().epoch) +
                  " executed a request after that of epoch " + to_string(other.epoch) + " began";
  log.executions.push_back({request, state.life});
  ticket.setRequest(request);
  ticket.setNumber(++state.given);
  ticket.setNode(self->node().name);
  ticket.setEpoch(self->started().epoch.value);
}

void give_later(desk* self, const std::shared_ptr<desk_log>& log, TakeLater::Reader take,
                const asked& request) {
  ++self->state.held;
  self->after(std::chrono::milliseconds{take.getAfterMillis()}, [self, log, request,
                                                                 number = take.getRequest()] {
    request.answer<Ticket>([&](Ticket::Builder ticket) { give(self, *log, number, ticket); });
    if (--self->state.held == 0 && self->state.leaving) self->quit();
  });
}

caf::behavior serve_desk(desk* self, const std::shared_ptr<desk_log>& log) {
  enter(self, log);
  if (log->drains)
    self->set_exit_handler([self](const caf::exit_msg& exit) {
      if (exit.reason == caf::exit_reason::kill) return self->quit(exit.reason);
      self->state.leaving = true;
      if (self->state.held == 0) self->quit();
    });
  return self->serve_requests(
      {answers<Take, Ticket>([self, log](Take::Reader take, Ticket::Builder ticket) {
         give(self, *log, take.getRequest(), ticket);
       }),
       takes<TakeLater>([self, log](TakeLater::Reader take, const asked& request) {
         give_later(self, log, take, request);
       }),
       answers<Refuse, Ticket>([](auto, auto) { throw rejected{"refused on purpose"}; }),
       answers<Crash, Ticket>([](auto, auto) { throw std::runtime_error{"crashed on purpose"}; })});
}

singleton_config settings_of(const ticket_options& how) {
  auto made = default_singleton("tickets", how.nodes.size(), timing{});
  made.lease = how.lease;
  made.drift_ppm = how.drift_ppm;
  made.requests_max = how.requests_max;
  return made;
}

node_program program_of(const ticket_options& how, const singleton_config& settings,
                        const std::shared_ptr<desk_log>& log) {
  auto of = ticket_desk(log);
  of.restarts = how.restarts;
  of.cool_down = how.cool_down;
  return [of, settings](caf::actor_system& system, const node_ptr& node) {
    return spawn_singleton(system, node, of, settings);
  };
}

}  // namespace

singleton ticket_desk(const std::shared_ptr<desk_log>& log) {
  return make_singleton<desk_state>("tickets", [log](desk* self) { return serve_desk(self, log); });
}

ticket_cluster::ticket_cluster(const ticket_options& how)
    : log_(std::make_shared<desk_log>()),
      settings_(settings_of(how)),
      sim_({.nodes = how.nodes, .seed = how.seed, .start = false, .restart_exited = 200ms},
           program_of(how, settings_, log_)) {
  log_->sim = &sim_;
  log_->one_epoch_at_a_time = how.lease;
  for (const auto& name : how.nodes) sim_.node(name).start();
  // A fault that is aimed at the leader strikes where the instance lives.
  sim_.aim([this] { return lives_on(); });
}

std::vector<std::size_t> ticket_cluster::living() const {
  std::vector<std::size_t> found;
  auto& sim = const_cast<simulation&>(sim_);
  for (std::size_t i = 0; i < log_->lives.size(); ++i) {
    const auto& life = log_->lives[i];
    if (life.ended) continue;
    const auto& node = sim.node(life.node);
    const auto context = node.context();
    if (!context || node.starts() != life.start_of_node) continue;
    if (life.tenure->holds(context->ports.clock->now())) found.push_back(i);
  }
  return found;
}

std::string ticket_cluster::lives_on() const {
  const auto found = living();
  return found.size() == 1 ? log_->lives[found.front()].node : "";
}

const desk_log::life& ticket_cluster::present() const {
  return log_->lives.at(living().at(0));
}

std::optional<std::string> ticket_cluster::more_than_one() const {
  const auto found = living();
  if (log_->wrong) return log_->wrong;
  if (found.size() < 2) return std::nullopt;
  return "instances live on " + log_->lives[found[0]].node + " and " + log_->lives[found[1]].node +
         " at once";
}

bool ticket_cluster::lives_on(const std::string& node, duration limit) {
  return sim_.run_until([&] { return lives_on() == node; }, limit);
}

bool ticket_cluster::settles(const std::string& node, duration limit) {
  const auto end = sim_.now() + limit;
  auto before = living();
  auto since = sim_.now();
  while (sim_.now() < end) {
    sim_.run_for(5ms);
    const auto now = living();
    if (now != before || now.size() != 1 || (!node.empty() && lives_on() != node))
      since = sim_.now();
    before = now;
    if (sim_.now() - since >= 1s) return true;
  }
  return false;
}

void ticket_cluster::hand_over() {
  auto& at = sim_.node(lives_on());
  at.call([&] {
    caf::anon_send(at.context()->directory->find(seat_key("tickets")),
                   active_passive::hand_over_now{});
  });
}

simulated_client& ticket_cluster::client_at(const std::string& node) {
  auto& client = clients_[node];
  if (!client)
    client =
        std::make_unique<simulated_client>(sim_.node(node), "tickets", 0, singleton_key("tickets"));
  return *client;
}

simulated_call<Ticket> ticket_cluster::take(const std::string& node) {
  const auto request = requests_.size();
  requests_.push_back(
      client_at(node).call<Take, Ticket>([&](Take::Builder take) { take.setRequest(request); }));
  return requests_.back();
}

simulated_call<Ticket> ticket_cluster::take_later(const std::string& node,
                                                  std::chrono::milliseconds after) {
  const auto request = requests_.size();
  requests_.push_back(client_at(node).call<TakeLater, Ticket>([&](TakeLater::Builder take) {
    take.setRequest(request);
    take.setAfterMillis(static_cast<std::uint32_t>(after.count()));
  }));
  return requests_.back();
}

void ticket_cluster::load(duration interval) {
  loading_ = true;
  for (const auto& node : sim_.nodes()) load_from(node, interval);
}

void ticket_cluster::load_from(const std::string& node, duration interval) {
  sim_.after(interval, [this, node, interval] {
    if (!loading_) return;
    if (!sim_.node(node).paused()) {
      if (sim_.random().between(0, 3) == 0)
        (void)take_later(node, std::chrono::milliseconds{sim_.random().between(0, 199)});
      else
        (void)take(node);
    }
    load_from(node, interval);
  });
}

std::size_t ticket_cluster::count(outcome_kind kind) const {
  return static_cast<std::size_t>(
      std::count_if(requests_.begin(), requests_.end(),
                    [kind](const auto& each) { return each.outcome() == kind; }));
}

std::string ticket_cluster::check_outcomes() const {
  std::map<std::uint64_t, std::vector<std::size_t>> executed;
  for (const auto& each : log_->executions) executed[each.request].push_back(each.by);
  for (std::size_t i = 0; i < requests_.size(); ++i) {
    const auto& request = requests_[i];
    const auto times = executed.contains(i) ? executed[i].size() : 0;
    const auto name = "request " + std::to_string(i);
    if (!request.ended()) return name + " has no outcome";
    if (times > 1) return name + " was executed " + std::to_string(times) + " times";
    if (request.outcome() == outcome_kind::rejected && times != 0)
      return name + " is rejected (" + request.text() + "), and was executed";
    if (!request.done()) continue;
    if (times != 1) return name + " is done, and was never executed";
    const auto& by = log_->lives[executed[i].front()];
    const auto ticket = request.reply();
    if (ticket.getRequest() != i) return name + " has the answer to another";
    if (ticket.getEpoch() != by.epoch.value || ticket.getNode() != by.node.c_str())
      return name + " was answered by another instance than executed it";
  }
  return {};
}

}  // namespace us::test
