@0xf1d2c3b4a5968778;
# Requests of the tests' service: a register per name, with an idempotence probe.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("us::test");

struct Write {
  key @0 :Text;
  value @1 :UInt64;
}
struct Read {
  key @0 :Text;
}
struct AppendOnce {          # appends to a list: executing it twice shows
  key @0 :Text;
  item @1 :UInt64;
  ifEven @2 :Bool;           # only to a list of even length; else nothing is changed
}
struct Register {
  value @0 :UInt64;
  items @1 :List(UInt64);
}
struct Erase {
  key @0 :Text;
}
struct Fail {
  key @0 :Text;
}
