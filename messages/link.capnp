@0xe2b87a14c6d93f05;
# Between nodes: who is there, and that it lives.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("us::message");

struct Hello {               # the first frame on a connection, both ways
  version @0 :UInt32;
  cluster @1 :Text;
  node @2 :Text;             # who speaks
  expects @3 :Text;          # whom the dialling side wants to reach; empty from the accepting side
  incarnation @4 :UInt64;    # new at each start of the node
}

struct Refused {             # the last frame before the other side closes
  reason @0 :Text;
}

struct Heartbeat {
  sequence @0 :UInt64;
  incarnation @1 :UInt64;
}

struct Goodbye {             # the node stops on purpose: do not wait for its heartbeats
  incarnation @0 :UInt64;
}
