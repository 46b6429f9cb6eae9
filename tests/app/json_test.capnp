@0xe5a90c1d7b3f8264;
using Cxx = import "/capnp/c++.capnp";
using Json = import "/capnp/compat/json.capnp";
$Cxx.namespace("json_test");

struct Everything {
  signed @0 :Int64;
  unsigned @1 :UInt64;
  small @2 :Int32;
  text @3 :Text;
  data @4 :Data;
  list @5 :List(UInt64);
  inner @6 :Inner;
  number @7 :Float64;
  blobs @8 :List(Data);

  struct Inner {
    renamed @0 :UInt64 $Json.name("other_name");
  }
}
