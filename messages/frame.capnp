@0xb6f0c3a8d1e24f71;
# The envelope around every message between actors. Fields are only ever added.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("us::message");

struct Envelope {
  type @0 :UInt64;       # capnp type id of the body
  fromNode @1 :UInt64;
  fromActor @2 :UInt64;
  to @3 :UInt64;         # actor on the receiving node
  epoch @4 :UInt64;
  body @5 :AnyPointer;
}
