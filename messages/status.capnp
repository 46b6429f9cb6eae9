@0xc15e9d7a40f2b386;
# What a node says of itself: GET /api/v1/status is this, as JSON with the names given by $name.

using Cxx = import "/capnp/c++.capnp";
using Json = import "/capnp/compat/json.capnp";
$Cxx.namespace("us::message");

struct NodeStatus {
  node @0 :Text;
  cluster @1 :Text;
  nodes @2 :List(Peer);
  services @3 :List(ServiceStatus);
  version @4 :Text;
  uptimeMillis @5 :UInt64 $Json.name("uptime_ms");
  backends @6 :List(Backend);  # of a program that checks some

  struct Peer {
    name @0 :Text;
    state @1 :Text;          # alive | suspected | unknown
    lastHeardMillis @2 :Int64 $Json.name("last_heard_ms");   # -1: never
  }
}

struct Backend {
  name @0 :Text;
  state @1 :Text;            # up | down: what the nodes' checks say together
  own @2 :Text;              # up | down | unknown: what this node's checks say
  votesUp @3 :UInt32 $Json.name("votes_up");
  votesDown @4 :UInt32 $Json.name("votes_down");
  why @5 :Text;              # what this node's checks hold against it
}

struct ServiceStatus {
  name @0 :Text;
  role @1 :Text;
  epoch @2 :UInt64;
  leader @3 :Text;           # empty: none known
  commitIndex @4 :UInt64 $Json.name("commit_index");
  appliedIndex @5 :UInt64 $Json.name("applied_index");
  lastIndex @6 :UInt64 $Json.name("last_index");
  records @7 :UInt64;
  replicas @8 :List(Replica);
  logBytes @9 :UInt64 $Json.name("log_bytes");
  logFirstIndex @10 :UInt64 $Json.name("log_first_index");
  snapshotIndex @11 :UInt64 $Json.name("snapshot_index");   # 0: none yet
  acknowledge @12 :Text;       # async | quorum | all
  losses @13 :UInt64;          # in this node's loss journal: may have been acknowledged, and are lost
  lossesUnacknowledged @14 :UInt64 $Json.name("losses_unacknowledged");
  lossesDropped @15 :UInt64 $Json.name("losses_dropped");  # by the journal's bound
  why @16 :Text;               # of a group of addresses: why the role is what it is
  addresses @17 :List(Text);   # that the active holds
  members @18 :List(Member);   # of the group, as this replica knows them
  membersCommitted @19 :Bool $Json.name("members_committed");
  durability @20 :Text;        # fsync | interval
  syncIntervalMillis @21 :UInt64 $Json.name("sync_interval_ms");  # interval: the longest that a write waits
  partition @22 :UInt32;       # that this is about, of a service that has several
  partitions @23 :UInt32 = 1;  # that the service has. More than one: this is the sum of this node's replicas,
                               # the epoch their highest
  led @24 :UInt32;             # of several partitions: how many this node leads
  leaderless @25 :UInt32;      # and of how many it knows no leader
  each @26 :List(ServiceStatus);  # each of them, when asked for with ?partitions=true

  struct Member {
    name @0 :Text;
    kind @1 :Text;             # voter | learner | witness | learner (witness)
    address @2 :Text;          # empty: as the configuration files say
    priority @3 :UInt32 = 1;   # to lead, by the configuration file of the node that says this; 0: never
  }

  struct Replica {
    node @0 :Text;
    matchIndex @1 :UInt64 $Json.name("match_index");
    lagEntries @2 :UInt64 $Json.name("lag_entries");
    snapshotPercent @3 :UInt32 $Json.name("snapshot_percent");  # of one on its way; 0: none is
    inSync @4 :Bool $Json.name("in_sync");
    lagMillis @5 :UInt64 $Json.name("lag_ms");   # age of the oldest entry that it lacks
    recovering @6 :Bool;     # it does not count yet: its disk is new
  }
}

struct StatusRequest {       # to a seat; it answers with ServiceStatus
  nonce @0 :UInt64;
}
