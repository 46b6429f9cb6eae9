#include "runtime/simulation/sim_node.hpp"

#include "runtime/node/node_actor.hpp"
#include "runtime/simulation/event_queue.hpp"
#include "runtime/simulation/incarnation.hpp"
#include "runtime/simulation/sim_executor.hpp"
#include "runtime/simulation/sim_log.hpp"
#include "runtime/simulation/world.hpp"

#include <caf/send.hpp>

#include <exception>
#include <utility>

namespace us::sim {

node::node(world& where, std::size_t index, std::string name, node_program program, bool member)
    : world_(where),
      index_(index),
      name_(std::move(name)),
      id_(node_id_of(name_)),
      member_(member),
      program_(std::move(program)),
      seeds_(where.seeds().branch("node/" + name_)),
      life_chance_(seeds_.stream("life")),
      executor_chance_(seeds_.stream("executor")),
      clock_(where.now()),
      disk_(std::make_unique<disk_image>(seeds_.stream("disk"))) {
  disk_->when_mended([this] {
    if (incarnation_) incarnation_->jobs->continue_parked();
  });
}

node::~node() = default;

node_ptr node::context() const {
  return incarnation_ ? incarnation_->context : nullptr;
}

caf::actor node::root() const {
  return incarnation_ ? incarnation_->root : caf::actor{};
}

const std::vector<const inspected*>& node::replicas() const {
  static const std::vector<const inspected*> none;
  return incarnation_ ? incarnation_->context->inspection->all() : none;
}

std::shared_ptr<incarnation> node::make_incarnation() {
  auto who = std::make_shared<incarnation>();
  who->where = &world_;
  who->node = static_cast<std::uint32_t>(index_);
  who->start = ++starts_;
  who->name = name_;
  who->clock = &clock_;
  who->disk = std::make_shared<disk_access>(*disk_);
  who->jobs = std::make_shared<executor_port>(who, executor_chance_, *disk_);
  auto context = std::make_shared<node_context>();
  context->cluster = world_.options().cluster;
  context->name = name_;
  context->id = id_;
  context->incarnation = life_chance_.next() | 1;
  context->members = world_.members();
  context->timing = world_.options().timing;
  context->ports = {
      make_clock_port(who),
      std::make_shared<random_stream>(seeds_.stream("random/" + std::to_string(starts_))),
      make_disk_port(who->disk),
      who->jobs,
      make_network_port(who),
      make_log_port(who)};
  context->metrics = std::make_shared<us::metrics>();
  context->directory = std::make_shared<us::directory>();
  context->inspection = std::make_shared<us::inspection>();
  who->context = std::move(context);
  return who;
}

void node::start() {
  // One that is asked to stop still runs: it starts again once it has ended.
  if (incarnation_) {
    start_again_ = stopping_;
    return;
  }
  using std::chrono::seconds;
  clock_.boot(life_chance_.between(seconds{1}, seconds{100'000}));
  exit_text_.clear();
  paused_ = stopping_ = start_again_ = false;
  incarnation_ = make_incarnation();
  world_.note("start " + name_);
  auto who = incarnation_;
  turn([&] {
    try {
      who->root = program_(world_.system(), who->context);
      if (!who->root) who->reason = "the program gave no root";
    } catch (const std::exception& e) {
      who->reason = e.what();
    }
    if (!who->root) {
      who->root_ended = true;
      return;
    }
    who->root->attach_functor([who](const caf::error& reason) {
      who->root_ended = true;
      who->in_order = !reason || reason == caf::exit_reason::user_shutdown;
      who->reason = to_string(reason);
    });
  });
}

void node::crash() {
  if (!incarnation_) return;
  world_.note("crash " + name_);
  end(death::power_loss);
}

void node::kill() {
  if (!incarnation_) return;
  world_.note("kill " + name_);
  end(death::process);
}

void node::restart() {
  crash();
  start();
}

void node::restart_empty() {
  crash();
  world_.note("new disk for " + name_);
  disk_->erase();
  start();
}

void node::pause() {
  if (!incarnation_ || paused_) return;
  world_.note("pause " + name_);
  paused_ = true;
}

void node::resume() {
  if (!paused_) return;
  world_.note("resume " + name_);
  paused_ = false;
  world_.release(std::exchange(held_, {}));
}

void node::hold(event e) {
  held_.push_back(std::move(e));
}

void node::upgrade() {
  if (!next_program_) return;
  world_.note("upgrade " + name_);
  program_ = std::exchange(next_program_, {});
}

void node::ask_to_stop() {
  if (!incarnation_) return;
  world_.note("stop " + name_);
  stopping_ = true;
  resume();
  auto root = incarnation_->root;
  turn([&] { caf::anon_send_exit(root, caf::exit_reason::user_shutdown); });
}

bool node::stop(duration limit) {
  ask_to_stop();
  return world_.run_until([this] { return !incarnation_; }, limit);
}

caf::actor node::host(const std::function<caf::actor(caf::actor_system&, const node_ptr&)>& make) {
  if (!incarnation_) world_.fail("node " + name_ + " is down and can host no actor");
  auto who = incarnation_;
  caf::actor guest;
  turn([&] {
    guest = make(world_.system(), who->context);
    who->guests.push_back(guest);
  });
  return guest;
}

void node::call(const std::function<void()>& f) {
  if (!incarnation_) world_.fail("node " + name_ + " is down and cannot be called");
  turn(f);
}

void node::turn(const std::function<void()>& f) {
  auto who = incarnation_;
  world_.turn(*who, f);
  if (!who->alive) return;
  if (who->root_ended) return notice_exit();
  if (who->context->inspection->take_reached()) world_.inspect(*this);
}

void node::notice_exit() {
  auto who = incarnation_;
  const auto in_order = who->in_order && stopping_;
  exit_text_ = "ended: " + who->reason;
  world_.note(name_ + " " + exit_text_, in_order ? severity::info : severity::warning);
  for (const auto& guest : std::exchange(who->guests, {}))
    world_.turn(*who, [&] { caf::anon_send_exit(guest, caf::exit_reason::kill); });
  if (who->actors != 0)
    world_.fail(std::to_string(who->actors) + " actors of " + name_ + " outlive its root");
  end(in_order ? death::in_order : death::process);
  const auto wait = start_again_ ? duration{1} : world_.options().restart_exited;
  if ((stopping_ && !start_again_) || wait <= duration{0}) return;
  world_.schedule_call(wait, [this, start = starts_] {
    if (starts_ == start) this->start();
  });
}

void node::end(death how) {
  auto who = incarnation_;
  who->died_at = clock_.now();
  who->alive = false;
  if (how == death::in_order)
    who->jobs->drain();
  else
    who->jobs->cut_off();
  who->disk->close();
  incarnation_.reset();
  paused_ = false;
  world_.release(std::exchange(held_, {}));
  world_.turn(*who, [&] {
    if (who->root) caf::anon_send_exit(who->root, caf::exit_reason::kill);
    for (const auto& guest : who->guests) caf::anon_send_exit(guest, caf::exit_reason::kill);
  });
  who->root = {};
  who->guests.clear();
  who->jobs.reset();
  who->context.reset();
  if (how == death::power_loss) disk_->lose_unsynced();
  if (who->actors != 0)
    world_.fail(std::to_string(who->actors) + " actors of " + name_ + " survived its end");
}

}  // namespace us::sim
