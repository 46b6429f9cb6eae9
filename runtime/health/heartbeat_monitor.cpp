#include "runtime/health/heartbeat_monitor.hpp"

#include "runtime/health/node_learnt.hpp"
#include "runtime/health/phi_accrual.hpp"
#include "runtime/node/node_actor.hpp"

#include <algorithm>

#include "messages/link.capnp.h"

namespace us {

namespace {

using std::chrono::milliseconds;

struct watched_member {
  watched_member(peer member, phi_accrual::options how) : who(std::move(member)), rhythm(how) {}

  peer who;
  phi_accrual rhythm;
  member_state state = member_state::unknown;
  std::uint64_t version = 0;
  std::string why;
  std::uint64_t incarnation = 0;  ///< 0: never heard
  std::uint64_t gone = 0;         ///< the incarnation that ended
  time_point gone_until;          ///< so long its beats are taken for late ones
  std::optional<time_point> last_heard;
  metrics::gauge alive;
};

class heartbeat_monitor final : public node_actor {
 public:
  heartbeat_monitor(caf::actor_config& config, node_ptr with, std::shared_ptr<member_table> table);

 protected:
  caf::behavior make_behavior() override;

 private:
  void add(const peer& member);
  void tick();
  void beat();
  void doubt(time_point now);
  void judge(watched_member& m, time_point now);
  void heard(node_id from, std::uint64_t incarnation);
  void said_goodbye(node_id from, std::uint64_t incarnation);
  void ended(watched_member& m, time_point at);
  void change(watched_member& m, member_state state, std::string why);
  void publish(const watched_member& m);
  void watched_by(const caf::actor& watcher);
  void say_goodbye();
  watched_member* find(node_id id);

  std::shared_ptr<member_table> table_;
  phi_accrual::options rhythm_;
  std::vector<watched_member> members_;
  std::vector<caf::actor> watchers_;
  std::uint64_t versions_ = 0;
  std::uint64_t sequence_ = 0;
  time_point tick_due_;
  time_point doubts_until_;
  metrics::counter doubts_;
};

heartbeat_monitor::heartbeat_monitor(caf::actor_config& config, node_ptr with,
                                     std::shared_ptr<member_table> table)
    : node_actor(config, std::move(with)), table_(std::move(table)) {
  const auto& timing = node().timing;
  // At the profiles' ratios phi 8 then is about 9 intervals of silence.
  rhythm_ = {timing.heartbeat, timing.heartbeat * 3 / 2};
  for (const auto& member : node().members) add(member);
  doubts_ = node().metrics->make_counter("understudy_heartbeat_doubts_total",
                                         "Times this node was itself not scheduled");
  listen_as(monitor_key());
}

void heartbeat_monitor::add(const peer& member) {
  if (member.id == node().id || find(member.id) != nullptr) return;
  members_.emplace_back(member, rhythm_);
  members_.back().alive = node().metrics->make_gauge(
      "understudy_member_alive", "1 while its heartbeats come", {{"member", member.name}});
  publish(members_.back());
}

caf::behavior heartbeat_monitor::make_behavior() {
  set_down_handler([this](const caf::down_msg& down) {
    std::erase_if(watchers_, [&](const caf::actor& w) { return w.address() == down.source; });
  });
  set_exit_handler([this](const caf::exit_msg& end) {
    if (!end.reason) return;
    if (end.reason == caf::exit_reason::user_shutdown) say_goodbye();
    quit(end.reason);
  });
  tick_due_ = now();
  doubts_until_ = now();
  tick();
  dispatch_table table{{
      on<message::Heartbeat>([this](message::Heartbeat::Reader beat, const us::sender& from) {
        heard(from.node, beat.getIncarnation());
      }),
      on<message::Goodbye>([this](message::Goodbye::Reader goodbye, const us::sender& from) {
        said_goodbye(from.node, goodbye.getIncarnation());
      }),
  }};
  return serve(
      std::move(table),
      {[this](const watch_members& watch) {
         watched_by(watch.watcher ? watch.watcher : caf::actor_cast<caf::actor>(current_sender()));
       },
       [this](const link_down& down) {
         auto* m = find(down.node);
         if (m == nullptr || !down.refused || m->state != member_state::alive) return;
         change(*m, member_state::suspected, "is gone (its port refuses connections)");
       },
       [this](const link_up&) { beat(); },
       [this](const node_learnt& learnt) {
         add({learnt.node, learnt.name});
       }});
}

void heartbeat_monitor::tick() {
  const auto at = now();
  if (at - tick_due_ > node().timing.heartbeat_silence_max / 4) doubt(at);
  beat();
  if (at >= doubts_until_)
    for (auto& m : members_) judge(m, at);
  tick_due_ = at + node().timing.heartbeat;
  after(node().timing.heartbeat, [this] { tick(); });
}

void heartbeat_monitor::beat() {
  auto beat = make_frame<message::Heartbeat>({0, {node().id, key()}, key(), {}},
                                             [this](message::Heartbeat::Builder builder) {
                                               builder.setSequence(++sequence_);
                                               builder.setIncarnation(node().incarnation);
                                             });
  for (const auto& m : members_) (void)node().send(m.who.id, beat);
}

// This node was stopped or starved. What it did not hear in that time says nothing.
void heartbeat_monitor::doubt(time_point at) {
  doubts_.add();
  doubts_until_ = at + node().timing.heartbeat_silence_max;
  for (auto& m : members_) m.rhythm.listen_from(at);
  auto late = std::chrono::duration_cast<milliseconds>(at - tick_due_);
  node().ports.log->write(severity::warning, "heartbeat_late", {{"late_ms", late.count()}});
}

void heartbeat_monitor::judge(watched_member& m, time_point at) {
  if (m.state != member_state::alive) return;
  auto silence = m.rhythm.silence(at);
  if (silence < node().timing.heartbeat_silence_max &&
      m.rhythm.phi(at) < node().timing.phi_threshold)
    return;
  auto since = m.last_heard ? at - *m.last_heard : silence;
  auto ms = std::chrono::duration_cast<milliseconds>(since).count();
  change(m, member_state::suspected, "was not heard for " + std::to_string(ms) + " ms");
}

void heartbeat_monitor::heard(node_id from, std::uint64_t incarnation) {
  auto* m = find(from);
  const auto at = now();
  if (m == nullptr || incarnation == 0) return;
  if (incarnation == m->gone && at < m->gone_until) return;
  const bool restarted = m->incarnation != 0 && m->incarnation != incarnation;
  if (restarted) ended(*m, at);
  if (restarted || m->state != member_state::alive) m->rhythm.restart(at);
  m->incarnation = incarnation;
  m->rhythm.heard(at);
  m->last_heard = at;
  if (table_) table_->heard(from, at);
  if (restarted)
    change(*m, member_state::alive, "was restarted");
  else if (m->state == member_state::unknown)
    change(*m, member_state::alive, "is heard");
  else if (m->state == member_state::suspected)
    change(*m, member_state::alive, "is heard again");
}

void heartbeat_monitor::said_goodbye(node_id from, std::uint64_t incarnation) {
  auto* m = find(from);
  if (m == nullptr || incarnation == 0 || m->incarnation != incarnation) return;
  ended(*m, now());
  if (m->state == member_state::alive) change(*m, member_state::suspected, "said goodbye");
}

// Beats of the ended incarnation may still be under way, but not for ever: should it live
// after all, it is heard again.
void heartbeat_monitor::ended(watched_member& m, time_point at) {
  m.gone = m.incarnation;
  m.gone_until = at + node().timing.heartbeat_silence_max;
}

void heartbeat_monitor::change(watched_member& m, member_state state, std::string why) {
  m.state = state;
  m.why = std::move(why);
  m.version = ++versions_;
  m.alive.set(state == member_state::alive ? 1 : 0);
  publish(m);
  node().ports.log->write(severity::event,
                          m.who.name + " " + m.why + " (seen from " + node().name + ")");
  for (const auto& watcher : watchers_)
    send(watcher, member_changed{m.who.id, m.state, m.version, m.why});
}

void heartbeat_monitor::publish(const watched_member& m) {
  if (table_) table_->put({m.who.id, m.who.name, m.state, m.version, m.why, m.last_heard});
}

void heartbeat_monitor::watched_by(const caf::actor& watcher) {
  if (!watcher) return;
  if (std::find(watchers_.begin(), watchers_.end(), watcher) == watchers_.end()) {
    watchers_.push_back(watcher);
    monitor(watcher);
  }
  for (const auto& m : members_) send(watcher, member_changed{m.who.id, m.state, m.version, m.why});
}

void heartbeat_monitor::say_goodbye() {
  for (const auto& m : members_)
    (void)send_frame<message::Goodbye>(
        {m.who.id, key()}, {},
        [this](message::Goodbye::Builder goodbye) { goodbye.setIncarnation(node().incarnation); });
}

watched_member* heartbeat_monitor::find(node_id id) {
  for (auto& m : members_)
    if (m.who.id == id) return &m;
  return nullptr;
}

}  // namespace

caf::actor spawn_heartbeat_monitor(caf::actor_system& system, node_ptr node,
                                   std::shared_ptr<member_table> table) {
  return system.spawn<heartbeat_monitor>(std::move(node), std::move(table));
}

}  // namespace us
