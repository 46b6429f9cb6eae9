@0x8f3d21b6c4e0a975;
# The kv service: Redis commands over records.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("kv");

struct Command {
  arguments @0 :List(Data);   # the command's name first, as the client sent it
}

struct Answer {              # what a Redis server would reply
  union {
    nil @0 :Void;
    simple @1 :Text;         # +OK
    error @2 :Text;          # without the leading '-'
    integer @3 :Int64;
    bulk @4 :Data;
    array @5 :List(Answer);
    double @6 :Float64;
  }
}

struct Value {
  data @0 :Data;
  expiresAtMillis @1 :Int64;   # wall clock; 0: never
}
