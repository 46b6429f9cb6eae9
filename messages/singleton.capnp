@0xa9d3c70e5b1f4826;
# Cluster singletons: between the proxy of each node and the host on the node where the instance
# lives. The epoch of each message is in its envelope: that of the instance it is about.

using Cxx = import "/capnp/c++.capnp";
using Request = import "request.capnp";
$Cxx.namespace("us::message");

struct SingletonAt {           # host to every proxy: when that changes, and now and then
  instance @0 :UInt64;         # a number of its own for each start
  live @1 :Bool;               # false: it has ended
}

struct SingletonRequest {      # proxy to host; sent again until it is answered
  instance @0 :UInt64;
  origin @1 :UInt64;           # the proxy: a number of its own for each start
  sequence @2 :UInt64;         # of the request, by the origin
  firstOpen @3 :UInt64;        # lowest sequence whose outcome the origin still waits for
  type @4 :UInt64;             # capnp type id of the body
  body @5 :AnyPointer;
}

enum SingletonOutcome {
  done @0;
  rejected @1;                 # certainly not executed: the instance would not
  unknown @2;                  # it was begun by an instance that ended before it answered
  notTaken @3;                 # certainly not executed by this instance, now or later: try another
}

struct SingletonReply {
  instance @0 :UInt64;
  origin @1 :UInt64;
  sequence @2 :UInt64;
  outcome @3 :SingletonOutcome;
  reason @4 :Request.Reason;
  text @5 :Text;
  body @6 :Data;               # done: the reply as a Cap'n Proto stream message
}
