@0x8f3d21b6c4e0a975;
# The kv service: Redis commands over records.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("kv");

struct Command {
  arguments @0 :List(Data);   # the command's name first, as the client sent it
}

struct Answer {              # what a Redis server would reply; it is logged with the change, so it is small
  union {
    nil @0 :Void;
    ok @1 :Void;             # +OK
    simple @2 :Text;
    error @3 :Text;          # without the leading '-'
    integer @4 :Int64;
    bulk @5 :Data;
    array @6 :List(Answer);
    double @7 :Float64;
  }
}

struct Value {
  data @0 :Data;
  expiresAtMillis @1 :Int64;   # wall clock; 0: never
}
