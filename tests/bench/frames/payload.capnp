@0xf0a1b2c3d4e5f607;
# What the frame benchmarks carry: 128 bytes, as the measurements of other systems do.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("us::bench");

struct Payload {
  data @0 :Data;
}
