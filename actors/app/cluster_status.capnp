@0x9b1d6ef2a0c47358;
# What `status --json` prints, and what `lead` asks for.

using Cxx = import "/capnp/c++.capnp";
using NodeStatus = import "/messages/status.capnp".NodeStatus;
$Cxx.namespace("us::message");

struct ClusterStatus {
  cluster @0 :Text;
  nodes @1 :List(Node);

  struct Node {
    node @0 :Text;
    reachable @1 :Bool;
    error @2 :Text;          # why it is not
    status @3 :NodeStatus;   # as GET /api/v1/status
  }
}

struct LeaderChoice {        # POST /api/v1/leaders/SERVICE
  node @0 :Text;             # that is to lead
}

struct LeaderAnswer {        # to it
  outcome @0 :Text;          # done | rejected | unknown
  reason @1 :Text;
  text @2 :Text;             # for people
}
