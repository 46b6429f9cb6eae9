@0xe7f10b6d2c8843b5;
# The message of evolution_old.capnp as a later version has it: fields,
# an enumerant and members of the listed struct were added at the end, one field was renamed.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("us::test::later");

struct Order {
  quantity @0 :UInt64;
  item @1 :Text;
  state @2 :State;
  lines @3 :List(Line);
  currency @4 :Text = "EUR";
  priority @5 :UInt32 = 5;
  notes @6 :List(Text);

  struct Line {
    text @0 :Text;
    weight @1 :UInt32;
    origin @2 :Text;
  }
}

enum State {
  open @0;
  closed @1;
  returned @2;
}
