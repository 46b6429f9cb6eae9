@0xb0c4d7e85f19a326;
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("counter");

struct Add {            # a request: add an amount to the counter of that name
  name @0 :Text;
  amount @1 :Int64;
}

struct Get {            # a request: what does the counter stand at?
  name @0 :Text;
}

struct Total {          # the reply, and the record that is kept for each name
  value @0 :Int64;
}
