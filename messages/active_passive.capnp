@0xd2366a7c44ca5938;
# Active-passive: heartbeats, planned hand-over, and the lease by a majority of the group's nodes. The
# epoch of each message is in its envelope: in LeaseRequest, LeaseAnswer, LeaseRelease and HandOver
# the one that they are about, else the newest that the sender knows of.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("us::message");

enum Duty {
  passive @0;              # could take over
  claiming @1;             # is about to
  active @2;
  aside @3;                # cannot: failing check, link down, maintenance, witness
}

struct Beat {              # to every other node of the group, each interval
  duty @0 :Duty;
  priority @1 :UInt16;
  activeMicros @2 :UInt64; # how long it has been active; the envelope has its epoch then
  hardware @3 :Data;       # of its interface: tells members from strangers
  leaving @4 :Bool;        # it ends in order: nobody need wait for its silence
  lastActive @5 :UInt64;   # the node of the newest active that the sender knows of; 0: none
  lastEpoch @6 :UInt64;    # that one's
  lastInOrder @7 :Bool;    # it let go on purpose, and nothing failed
}

struct HandOverRequest {   # a passive that is preferred asks the active
}

struct HandOver {          # from the active to its successor, with the successor's epoch
  released @0 :Bool;       # its addresses are gone already
  inOrder @1 :Bool;        # it lets go on purpose, and nothing failed
}

struct LeaseRequest {      # for the envelope's epoch; the first, or a renewal
  round @0 :UInt64;        # echoed: which request an answer belongs to
  leaseMicros @1 :UInt64;
}

struct LeaseAnswer {
  round @0 :UInt64;
  granted @1 :Bool;
  promised @2 :UInt64;     # refused: the newest epoch that this node has promised
  holder @3 :UInt64;       # refused: who has its grant; 0: nobody
  leaseMicros @4 :UInt64;  # refused, not 0: the lease that this node is configured with
}

struct LeaseRelease {      # the holder of this epoch is no longer active
}

struct LeasePromise {      # on a node's disk: what it promised last
  sequence @0 :UInt64;
  epoch @1 :UInt64;
  holder @2 :UInt64;
  maintenance @3 :Bool;
}
