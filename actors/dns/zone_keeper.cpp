#include "actors/dns/zone_keeper.hpp"

#include "runtime/node/node_actor.hpp"

#include <caf/actor_system.hpp>

#include <algorithm>
#include <utility>

#include "messages/health.capnp.h"

namespace us::dns {

namespace {

class zone_keeper final : public node_actor {
 public:
  zone_keeper(caf::actor_config& config, node_ptr node, zone_keeper_setup setup);

  const char* name() const override { return "zone keeper"; }
  caf::behavior make_behavior() override;
  void on_exit() override;

 private:
  void tick();
  void changed(const check_changed& change);
  void heard(message::CheckView::Reader view, const us::sender& from);
  void publish();
  void decide();
  void answer_with(const std::vector<bool>& living);
  bool may_begin(const std::vector<tally>& votes) const;
  void tell(std::size_t backend, const tally& votes) const;
  void fill_table(const std::vector<tally>& votes) const;
  std::size_t index_of(std::string_view backend) const;

  zone_keeper_setup setup_;
  shared_view view_;
  std::vector<std::string> why_;
  std::vector<bool> living_;
  std::vector<metrics::gauge> alive_;
  bool begun_ = false;
  time_point begin_at_latest_;
  std::uint64_t sequence_ = 0;
  caf::actor checker_;
};

constexpr int views_per_silence = 4;

zone_keeper::zone_keeper(caf::actor_config& config, node_ptr with, zone_keeper_setup setup)
    : node_actor(config, std::move(with)),
      setup_(std::move(setup)),
      view_(setup_.targets.size(), node().timing.heartbeat_silence_max),
      why_(setup_.targets.size()),
      living_(setup_.targets.size(), true) {
  std::chrono::milliseconds longest{0};
  for (const auto& target : setup_.targets) {
    longest = std::max(longest, target.check.timeout);
    alive_.push_back(node().metrics->make_gauge("understudy_backend_alive",
                                                "1 while the nodes' checks say that it lives",
                                                {{"backend", target.name}}));
    alive_.back().set(1);
  }
  begin_at_latest_ = now() + longest + node().timing.heartbeat;
  listen_as(zone_keeper_key());
}

caf::behavior zone_keeper::make_behavior() {
  checker_ = spawn_checker(system(), shared_node(), setup_.prober, setup_.targets, handle());
  link_to(checker_);
  after(begin_at_latest_ - now(), [this] { decide(); });
  tick();
  dispatch_table table{{on<message::CheckView>(
      [this](message::CheckView::Reader view, const us::sender& from) { heard(view, from); })}};
  return serve(std::move(table), {[this](const check_changed& change) { changed(change); }});
}

void zone_keeper::on_exit() {
  setup_.serving.reset();
  checker_ = nullptr;
  node_actor::on_exit();
}

void zone_keeper::tick() {
  publish();
  if (view_.expire(now())) decide();
  after(node().timing.heartbeat_silence_max / views_per_silence, [this] { tick(); });
}

void zone_keeper::changed(const check_changed& change) {
  const auto at = index_of(change.target);
  if (at == setup_.targets.size()) return;
  view_.set_own(at, change.state);
  why_[at] = change.why;
  publish();
  decide();
}

void zone_keeper::heard(message::CheckView::Reader view, const us::sender& from) {
  if (from.node == node().id || !node().is_member(from.node)) return;
  check_states states(setup_.targets.size(), check_state::unknown);
  for (auto target : view.getTargets()) {
    const auto at = index_of(target.getName().cStr());
    if (at == states.size()) continue;
    if (target.getState() == message::CheckView::State::UP) states[at] = check_state::up;
    if (target.getState() == message::CheckView::State::DOWN) states[at] = check_state::down;
  }
  if (view_.take(from.node, {view.getIncarnation(), view.getSequence()}, std::move(states), now()))
    decide();
}

void zone_keeper::publish() {
  ++sequence_;
  for (const auto& member : node().members) {
    if (member.id == node().id) continue;
    (void)send_frame<message::CheckView>(
        {member.id, key()}, {},
        [this](message::CheckView::Builder view) {
          view.setIncarnation(node().incarnation);
          view.setSequence(sequence_);
          auto targets = view.initTargets(static_cast<unsigned>(setup_.targets.size()));
          for (unsigned i = 0; i < targets.size(); ++i) {
            targets[i].setName(setup_.targets[i].name);
            targets[i].setState(static_cast<message::CheckView::State>(view_.own()[i]));
          }
        },
        32 + 8 * setup_.targets.size());
  }
}

bool zone_keeper::may_begin(const std::vector<tally>& votes) const {
  return now() >= begin_at_latest_ ||
         std::all_of(votes.begin(), votes.end(), [](const tally& t) { return t.known(); });
}

void zone_keeper::decide() {
  const auto votes = view_.count();
  fill_table(votes);
  if (!begun_ && !may_begin(votes)) return;
  std::vector<bool> living(votes.size());
  for (std::size_t i = 0; i < votes.size(); ++i) {
    living[i] = votes[i].lives();
    if (living[i] == living_[i]) continue;
    tell(i, votes[i]);
    alive_[i].set(living[i] ? 1 : 0);
  }
  if (std::exchange(begun_, true) && living == living_) return;
  living_ = living;
  answer_with(living_);
}

void zone_keeper::answer_with(const std::vector<bool>& living) {
  constexpr std::int64_t second_ms = 1000;
  const auto serial = static_cast<std::uint32_t>(node().ports.clock->wall_ms() / second_ms);
  setup_.answers->set(answer_table::make(setup_.zone, living, serial));
}

void zone_keeper::tell(std::size_t backend, const tally& votes) const {
  const auto all = votes.up + votes.down;
  auto text = "backend " + setup_.targets[backend].name + " is " + (votes.lives() ? "up" : "down") +
              ": " + std::to_string(votes.lives() ? votes.up : votes.down) + " of " +
              std::to_string(all) + (all == 1 ? " node says so" : " nodes say so");
  if (!votes.lives() && !why_[backend].empty()) text += " (" + why_[backend] + ")";
  node().ports.log->write(severity::event, text);
}

void zone_keeper::fill_table(const std::vector<tally>& votes) const {
  std::vector<backend_info> backends;
  for (std::size_t i = 0; i < votes.size(); ++i)
    backends.push_back(
        {setup_.targets[i].name, votes[i].lives(), view_.own()[i], votes[i], why_[i]});
  setup_.table->put(std::move(backends));
}

std::size_t zone_keeper::index_of(std::string_view backend) const {
  const auto& targets = setup_.targets;
  const auto at = std::find_if(targets.begin(), targets.end(),
                               [&](const check_target& t) { return t.name == backend; });
  return static_cast<std::size_t>(at - targets.begin());
}

}  // namespace

actor_key zone_keeper_key() {
  return actor_key_of("zone");
}

caf::actor spawn_zone_keeper(caf::actor_system& system, node_ptr node, zone_keeper_setup setup) {
  return system.spawn<zone_keeper>(std::move(node), std::move(setup));
}

}  // namespace us::dns
