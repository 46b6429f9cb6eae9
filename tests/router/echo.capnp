@0xa7c3e5f10b2d4968;
# Requests of the routers' test service, which keeps nothing.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("us::test");

struct Echo {                # may be executed twice
  number @0 :UInt64;
  text @1 :Text;
}
struct Charge {              # must not be
  number @0 :UInt64;
}
struct Refuse {              # its handler throws
  number @0 :UInt64;
}
struct Echoed {
  number @0 :UInt64;
  node @1 :Text;             # that executed it
}
