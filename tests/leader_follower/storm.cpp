#include "tests/leader_follower/storm.hpp"

#include "actors/leader_follower/standing.hpp"
#include "runtime/simulation/sim_disk.hpp"

#include <algorithm>
#include <array>

namespace us::test {

namespace {

using namespace std::chrono_literals;
using sim::fabric;

class storm_maker {
 public:
  storm_maker(sim_cluster& cluster, disks what)
      : cluster_(cluster), sim_(cluster.sim()), chance_(cluster.sim().random()), disks_(what) {}

  void step() {
    using action = void (storm_maker::*)();
    static constexpr std::array<action, 16> actions{&storm_maker::cut_off_leader,
                                                    &storm_maker::cut_off_leader,
                                                    &storm_maker::leader_loses_power,
                                                    &storm_maker::leader_paused,
                                                    &storm_maker::leader_killed,
                                                    &storm_maker::leader_stops,
                                                    &storm_maker::power_loss,
                                                    &storm_maker::power_loss,
                                                    &storm_maker::one_way,
                                                    &storm_maker::one_way,
                                                    &storm_maker::hang,
                                                    &storm_maker::crawl,
                                                    &storm_maker::sync_fails,
                                                    &storm_maker::write_fails,
                                                    &storm_maker::frames_suffer,
                                                    &storm_maker::frames_suffer};
    if (disks_ == disks::get_lost && chance_.chance(0.2)) return disk_lost();
    (this->*actions[chance_.between(0, actions.size() - 1)])();
  }

 private:
  const std::string& any() { return sim_.nodes()[chance_.between(0, sim_.nodes().size() - 1)]; }
  std::string leader() { return cluster_.leader().empty() ? any() : cluster_.leader(); }
  /// The leader twice as often as each other node.
  std::string someone() { return chance_.chance(0.5) ? leader() : any(); }
  duration a_while() { return chance_.between(duration{50ms}, duration{1200ms}); }

  void down_for(const std::string& name, duration length, bool power_loss) {
    auto& node = sim_.node(name);
    if (power_loss)
      node.crash();
    else
      node.kill();
    sim_.after(length, [&sim = sim_, name] { sim.node(name).start(); });
  }

  void cut_off_leader() {
    std::vector<std::string> side{leader()};
    if (sim_.nodes().size() > 3 && chance_.chance(0.5))
      if (auto with = any(); with != side.front()) side.push_back(with);
    sim_.network().isolate_for(side, a_while());
  }
  void leader_loses_power() { down_for(leader(), a_while() / 2, true); }
  void leader_killed() { down_for(leader(), a_while() / 4, false); }
  void leader_paused() {
    const auto name = leader();
    sim_.node(name).pause();
    sim_.after(a_while(), [&sim = sim_, name] { sim.node(name).resume(); });
  }
  void leader_stops() {
    const auto name = leader();
    (void)sim_.node(name).stop(1s);
    sim_.after(a_while() / 4, [&sim = sim_, name] { sim.node(name).start(); });
  }
  /// Of some nodes, often of all, at the same moment.
  void power_loss() {
    const bool all = chance_.chance(0.4);
    for (const auto& name : sim_.nodes())
      if (all || chance_.chance(0.5)) down_for(name, a_while() / 4, true);
  }
  void one_way() {
    const auto one = leader();
    const auto other = any();
    if (one == other) return;
    if (chance_.chance(0.5))
      sim_.network().cut_for(one, other, a_while());
    else
      sim_.network().cut_for(other, one, a_while());
  }
  /// Whether it would be counted by the others, as its disk has it.
  bool is_member(const std::string& name) {
    auto disk = sim::make_disk_port(std::make_shared<sim::disk_access>(sim_.node(name).disk()));
    auto found = load_standing(*disk, "lists/standing");
    return found && found->votes();
  }
  void disk_lost() {
    const auto name = someone();
    std::size_t lost = 1;
    for (const auto& other : sim_.nodes())
      if (other != name && !is_member(other)) ++lost;
    if (lost > (sim_.nodes().size() - 1) / 2) return;
    auto& node = sim_.node(name);
    node.crash();
    node.disk().erase();
    sim_.after(a_while() / 4, [&sim = sim_, name] { sim.node(name).start(); });
  }
  void hang() {
    const auto name = someone();
    sim_.node(name).disk().hang();
    sim_.after(a_while() / 2, [&sim = sim_, name] { sim.node(name).disk().unhang(); });
  }
  void crawl() {
    const auto name = someone();
    sim_.node(name).disk().slow(static_cast<double>(chance_.between(10, 400)));
    sim_.after(a_while(), [&sim = sim_, name] { sim.node(name).disk().slow(1); });
  }
  void sync_fails() {
    const auto name = someone();
    sim_.node(name).disk().fail_syncs(0.5);
    sim_.after(a_while() / 4, [&sim = sim_, name] { sim.node(name).disk().fail_syncs(0); });
  }
  void write_fails() {
    const auto name = someone();
    sim_.node(name).disk().fail_writes(0.5);
    sim_.after(a_while() / 4, [&sim = sim_, name] { sim.node(name).disk().fail_writes(0); });
  }
  void frames_suffer() {
    using kind = fabric::burst_kind;
    const auto share = static_cast<double>(chance_.between(1, 50)) / 100;
    switch (chance_.between(0, 4)) {
      case 0: return sim_.network().burst(kind::loss, share, a_while());
      case 1: return sim_.network().burst(kind::delay_ms, share * 400, a_while());
      case 2: return sim_.network().burst(kind::duplicate, share, a_while());
      case 3: return sim_.network().burst(kind::reorder, share, a_while());
      default: return sim_.network().burst(kind::corrupt, share, a_while());
    }
  }

  sim_cluster& cluster_;
  simulation& sim_;
  sim::random_stream& chance_;
  disks disks_;
};

}  // namespace

void storm(sim_cluster& cluster, duration length, disks what) {
  storm_maker maker{cluster, what};
  auto& sim = cluster.sim();
  const auto until = sim.now() + length;
  while (sim.now() < until) {
    sim.run_for(sim.random().between(duration{20ms}, duration{400ms}));
    cluster.start_clients();
    cluster.check_leaders();
    maker.step();
  }
}

}  // namespace us::test
