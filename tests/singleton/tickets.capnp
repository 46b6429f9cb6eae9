@0x9c4f1b7de2a05863;
# Requests of the singleton tests' ticket desk.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("us::test");

struct Take {              # the next ticket
  request @0 :UInt64;      # names it to the test
}

struct TakeLater {         # the same, answered after a while
  request @0 :UInt64;
  afterMillis @1 :UInt32;
}

struct Ticket {
  request @0 :UInt64;
  number @1 :UInt64;       # how many this instance has given
  node @2 :Text;
  epoch @3 :UInt64;
}

struct Refuse {            # rejected by its handler
}

struct Crash {             # its handler throws
}
