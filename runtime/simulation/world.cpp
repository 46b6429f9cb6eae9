#include "runtime/simulation/world.hpp"

#include "runtime/ensure.hpp"
#include "runtime/node/node_actor.hpp"
#include "runtime/simulation/sim_executor.hpp"

#include <caf/atom.hpp>
#include <caf/logger.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>

namespace us::sim {

namespace {

/// A turn of more jobs than this is a loop of actors that never waits.
constexpr std::size_t turn_jobs_max = 1'000'000;

}  // namespace

world::system_config::system_config() {
  set("scheduler.policy", caf::atom("testing"));
  set("logger.verbosity", caf::atom("quiet"));
}

world::world(simulation_options how)
    : options_(std::move(how)),
      seeds_(options_.seed),
      system_(config_),
      coordinator_(dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())),
      workload_(seeds_.stream("workload")),
      fabric_(*this) {
  system_.await_actors_before_shutdown(false);
}

world::~world() {
  const auto failed_before = failed_;
  for (auto& each : nodes_) {
    try {
      each->kill();
    } catch (const std::exception& e) {
      // Actors that outlive their system take the process down later, at a place that says nothing.
      std::fprintf(stderr, "%s\n", e.what());
      if (!failed_before) std::abort();
    }
  }
  queue_.clear();
  nodes_.clear();
}

node& world::add(const std::string& name, node_program program, bool member) {
  names_.insert(std::lower_bound(names_.begin(), names_.end(), name), name);
  nodes_.push_back(std::make_unique<node>(*this, nodes_.size(), name, std::move(program), member));
  fabric_.grow(nodes_.size());
  return *nodes_.back();
}

node& world::find(std::string_view name) {
  for (auto& each : nodes_)
    if (each->name() == name) return *each;
  fail("there is no node " + std::string{name});
}

node* world::find(node_id id) {
  for (auto& each : nodes_)
    if (each->id() == id) return each.get();
  return nullptr;
}

std::string world::leader() const {
  auto named = leader_ ? leader_() : std::string{};
  return named.empty() && !names_.empty() ? names_.front() : named;
}

std::vector<peer> world::members() const {
  std::vector<peer> all;
  for (const auto& each : nodes_)
    if (each->member()) all.push_back({each->id(), each->name()});
  std::sort(all.begin(), all.end(), [](const peer& x, const peer& y) { return x.name < y.name; });
  return all;
}

void world::schedule_frame(std::uint32_t from, std::uint32_t to, duration delay, frame f,
                           bool damaged) {
  queue_.push(now_ + delay, {.kind = damaged ? event_kind::damaged_frame : event_kind::frame,
                             .from = from,
                             .to = to,
                             .content = std::move(f)});
}

void world::schedule_timer(const incarnation& who, duration local_delay, caf::actor receiver,
                           task work) {
  queue_.push(now_ + who.clock->virtual_delay(local_delay),
              {.kind = event_kind::timer,
               .to = who.node,
               .start = who.start,
               .deadline = who.clock->now() + local_delay,
               .receiver = std::move(receiver),
               .work = std::move(work)});
}

void world::schedule_disk_job(const incarnation& who, std::size_t lane, duration delay) {
  queue_.push(now_ + delay, {.kind = event_kind::disk_job,
                             .from = static_cast<std::uint32_t>(lane),
                             .to = who.node,
                             .start = who.start});
}

void world::schedule_call(duration delay, std::function<void()> f) {
  queue_.push(now_ + std::max(delay, duration{0}),
              {.kind = event_kind::call, .call = std::move(f)});
}

void world::release(std::vector<event> held) {
  for (auto& each : held) queue_.push(now_, std::move(each));
}

bool world::step(duration limit) {
  if (queue_.empty() || queue_.next_time() > limit) return false;
  events_now_ = queue_.next_time() == now_ ? events_now_ + 1 : 0;
  if (events_now_ > turn_jobs_max) fail("timers without delay keep time from going on");
  now_ = queue_.next_time();
  perform(queue_.pop());
  return true;
}

void world::perform(event e) {
  ++events_;
  record(e);
  if (e.kind == event_kind::call)
    e.call();
  else
    perform_for_node(*nodes_[e.to], e);
  run_checks();
}

void world::perform_for_node(node& where, event& e) {
  auto* who = where.current();
  auto of_node = e.kind == event_kind::timer || e.kind == event_kind::disk_job;
  if (of_node && (who == nullptr || who->start != e.start)) return;
  if (where.paused()) return where.hold(std::move(e));
  switch (e.kind) {
    case event_kind::frame: return fabric_.arrive(e.from, e.to, e.content, false);
    case event_kind::damaged_frame: return fabric_.arrive(e.from, e.to, e.content, true);
    case event_kind::timer: return fire(where, e);
    case event_kind::disk_job: return where.turn([&] { who->jobs->finish(e.from); });
    case event_kind::call: return;
  }
}

void world::fire(node& where, event& e) {
  auto& clock = where.clock();
  // The clock was slowed after the timer was set: not yet time.
  if (auto left = e.deadline - clock.now(); left > duration{0}) {
    queue_.push(now_ + std::max(clock.virtual_delay(left), duration{1}), std::move(e));
    return;
  }
  where.turn([&] { caf::anon_send(e.receiver, std::move(e.work)); });
}

void world::record(const event& e) {
  trace_hash::header header{static_cast<std::uint64_t>(now_.count()),
                            static_cast<std::uint64_t>(e.kind), e.from, e.to, e.start};
  if (e.content.empty()) return hash_.add(header);
  header.type = e.content.type();
  hash_.add(header, e.content.payload());
}

void world::run_checks() {
  if (violation_) fail(*violation_);
  for (const auto& [name, holds] : checks_)
    if (auto wrong = holds()) fail(name + ": " + *wrong);
}

void world::inspect(node& where) {
  try {
    for (const auto* replica : where.replicas()) {
      replica->check_invariants();
      for (const auto& check : replica_checks_)
        if (auto wrong = check(where, *replica)) violated(where.name() + ": " + *wrong);
    }
  } catch (const invariant_violation& e) {
    violated(where.name() + ": " + e.what());
  }
}

void world::run_to(duration end) {
  while (step(end)) {
  }
  now_ = std::max(now_, end);
}

bool world::run_until(const std::function<bool()>& done, duration limit) {
  const auto end = now_ + limit;
  while (!done()) {
    if (step(end)) continue;
    now_ = end;
    return done();
  }
  return true;
}

void world::turn(incarnation& who, const std::function<void()>& f) {
  if (in_turn_) {
    // CAF takes what an actor throws: the run must end all the same.
    violated("the simulation was called from within an actor of " + who.name);
    fail(*violation_);
  }
  in_turn_ = true;
  const probe_scope probing{probes_};
  const auto before = static_cast<std::int64_t>(system_.registry().running());
  f();
  caf::logger::set_current_actor_system(nullptr);  // else each message asks its logger for more
  const auto jobs = coordinator_.run(turn_jobs_max);
  who.actors += static_cast<std::int64_t>(system_.registry().running()) - before;
  in_turn_ = false;
  if (jobs >= turn_jobs_max) fail("the actors of " + who.name + " never come to rest");
}

void world::note(std::string what, severity level) {
  hash_.add(what);
  timeline_.add({now_, {}, level, std::move(what)});
}

void world::log(const incarnation& who, severity level, std::string what) {
  hash_.add(what);
  timeline_.add({now_, who.name, level, std::move(what)});
}

void world::violated(std::string what) {
  if (!violation_) violation_ = std::move(what);
}

void world::add_check(std::string name, std::function<std::optional<std::string>()> f) {
  checks_.emplace_back(std::move(name), std::move(f));
}

void world::fail(const std::string& what) {
  failed_ = true;
  char place[96];
  std::snprintf(place, sizeof place,
                "seed %llu, event %llu, %.6f s: ", static_cast<unsigned long long>(options_.seed),
                static_cast<unsigned long long>(events_),
                std::chrono::duration<double>(now_).count());
  throw simulation_failure{place + what + "\n" + timeline_.text()};
}

}  // namespace us::sim
