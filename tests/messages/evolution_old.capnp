@0xd1c9a4f07b3e5a21;
# A message as the former version of a program knows it; see evolution_new.capnp.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("us::test::former");

struct Order {
  amount @0 :UInt64;
  item @1 :Text;
  state @2 :State;
  lines @3 :List(Line);

  struct Line {
    text @0 :Text;
  }
}

enum State {
  open @0;
  closed @1;
}
