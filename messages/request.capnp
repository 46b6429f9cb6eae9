@0xd4a1f7b9026c5e83;
# Requests from clients (edges, the client library) to a group, and their outcomes.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("us::message");

struct OpenSession {
  nonce @0 :UInt64;          # names this attempt; echoed
}

struct SessionOpened {
  nonce @0 :UInt64;
  session @1 :UInt64;
}

struct SubmitBatch {
  session @0 :UInt64;
  firstOpen @1 :UInt64;      # lowest sequence whose outcome this client still waits for
  timeoutMillis @2 :UInt32;  # the client's patience, from when it sent this
  requests @3 :List(Request);
  acknowledge @4 :Acknowledge;
  reads @5 :Reads;
  staleMicros @6 :UInt64;    # bounded: what was acknowledged until so long before it came is seen
  after @7 :UInt64;          # bounded and local: this entry (ReplyBatch.index) is seen, too
}

enum Reads {                 # who may answer a batch; but for `leader` it only reads and needs no session
  leader @0;                 # the leader: reads are linearizable
  bounded @1;                # any replica that is known not to be older than staleMicros
  local @2;                  # the replica on the client's node, however old
}

enum Acknowledge {           # when its requests are answered
  service @0;                # as the service is configured
  async @1;                  # once the leader's own disk has what they changed
  quorum @2;                 # once it is committed: a majority's disks have it
  all @3;                    # and once every in-sync follower's disk has it, too
}

struct Request {
  sequence @0 :UInt64;       # unique in its session; a retry carries the same
  type @1 :UInt64;           # capnp type id of the body
  body @2 :AnyPointer;
}

enum Outcome {
  done @0;
  rejected @1;               # certainly not executed
  unknown @2;                # may or may not have been executed
  redirected @3;             # certainly not executed here; try `leader`
}

enum Reason {
  none @0;
  noLeader @1;
  overloaded @2;
  diskFull @3;
  sessionExpired @4;
  unknownType @5;
  malformed @6;
  stopping @7;
  timedOut @8;
  failed @9;                 # the service's handler threw; text says what
  unreachable @10;           # no node that could answer was reached
  notARead @11;              # it may change something: only the leader executes that
}

struct ReplyBatch {
  session @0 :UInt64;
  replies @1 :List(Reply);
  index @2 :UInt64;          # what these answers have seen or done is in the log up to here; 0: not known
  ageKnown @3 :Bool;
  ageMicros @4 :UInt64;      # of bounded and local reads: all that was acknowledged until so long before they came is seen
}

struct Reply {
  sequence @0 :UInt64;
  outcome @1 :Outcome;
  reason @2 :Reason;
  text @3 :Text;
  leader @4 :UInt64;         # node to try, when redirected
  body @5 :Data;             # done: the reply as a Cap'n Proto stream message
}

struct LeaderChanged {       # a seat tells the clients on its own node
  leader @0 :UInt64;         # 0: none known
}

struct WatchLeader {         # a client asks its node's seat for LeaderChanged, now and on every change
}
