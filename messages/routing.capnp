@0xe3a95c1d7b208f64;
# Between routers and the seats that they route to: active health checks and draining. Requests
# and replies are those of request.capnp, in a session per router and seat.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("us::message");

struct HealthCheck {         # router to seat; says that this router is there, too
  nonce @0 :UInt64;
  session @1 :UInt64;        # that the router numbers its requests in
}

struct HealthReply {
  nonce @0 :UInt64;
  sessionKnown @1 :Bool;     # false: it must open another before it sends requests
  draining @2 :Bool;
}

struct Draining {            # seat to routers: send no new requests, this node stops
}

struct DrainNoted {          # router to seat: after this none comes
}
