#pragma once
/// Faults aimed at where leader-follower replication is weak: its leader, its majorities, the
/// moment between writing and syncing. A plan made ahead cannot aim, since it does not know who
/// will lead.
///
/// One step every 20 to 400 ms of virtual time, chosen by the run's seed: the leader alone or with
/// a companion is cut off, paused, killed, loses power or is asked to stop; some or all nodes lose
/// power at once; links are cut one way; disks hang, crawl, fail to write or to sync; frames are
/// lost, late, doubled, out of order or damaged. Steps overlap.

#include "tests/leader_follower/sim_cluster.hpp"

namespace us::test {

/// Whether nodes also lose their disks: never so many at once that no majority's are left.
enum class disks : unsigned char { stay, get_lost };

/// Goes on for `length` of virtual time, with clients on every running node. Afterwards the cluster
/// is as broken as the last steps left it.
void storm(sim_cluster& cluster, duration length, disks what = disks::stay);

}  // namespace us::test
