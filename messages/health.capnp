@0xd4a6b0f2957c31e8;
# What nodes tell each other about the targets that they check.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("us::message");

struct CheckView {           # everything that a node sees, sent again and again
  incarnation @0 :UInt64;    # of the node
  sequence @1 :UInt64;       # grows within an incarnation
  targets @2 :List(Target);

  struct Target {
    name @0 :Text;
    state @1 :State;
  }
  enum State {
    unknown @0;
    up @1;
    down @2;
  }
}
