@0xe2d84b1f6a9c7035;
# The lab's service: registers by key, which are read, written, and compared and set.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("lab::message");

struct Read {
  key @0 :Text;
}

struct Write {
  key @0 :Text;
  value @1 :Int64;
}

struct Cas {                 # writes `value` if the register holds `expected`
  key @0 :Text;
  expected @1 :Int64;
  value @2 :Int64;
}

struct Register {            # the record, and what is answered
  written @0 :Bool;          # false: nobody wrote it yet
  value @1 :Int64;
}

struct Swapped {             # the answer to Cas
  matched @0 :Bool;
}
