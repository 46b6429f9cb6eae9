@0xa97c20e5f3b8164d;
# Leader-follower replication (Raft; Ongaro's thesis, chapters 3, 4, 9, 10). The epoch (term) of
# each message is in its envelope.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("us::message");

struct VoteRequest {
  lastIndex @0 :UInt64;
  lastEpoch @1 :UInt64;
  preVote @2 :Bool;          # would you vote for me in this epoch? changes nothing (thesis 9.6)
  transfer @3 :Bool;         # the leader asked for this election (thesis 3.10)
}

struct VoteReply {
  granted @0 :Bool;
  preVote @1 :Bool;
  forEpoch @2 :UInt64;       # the epoch that was asked for
  unsure @3 :Bool;           # the voter may have forgotten what it acknowledged
}

struct AppendRequest {
  previousIndex @0 :UInt64;
  previousEpoch @1 :UInt64;
  commit @2 :UInt64;
  round @3 :UInt64;          # echoed: confirms leadership to reads that began before it was sent
  entries @4 :List(Data);    # each a LogEntry as a Cap'n Proto stream message, as in the log
  quiet @5 :Bool;            # nothing is under way: agree, and there are no beats until something is
  witness @6 :Bool;          # the receiver is one: the entries are without what they write
}

struct AppendReply {
  match @0 :UInt64;          # durable here and equal to the leader's log up to this index
  round @1 :UInt64;
  refused @2 :Bool;          # the previous entry was not there
  hint @3 :UInt64;           # refused: try from here
  full @4 :Bool;             # no space on this disk
  disk @5 :UInt64;           # number of this replica's data directory; 0: from an older program
  recovering @6 :Bool;       # it lost its former directory: counts for nothing
  asks @7 :Bool;             # recovering: wants to be admitted once it has caught up
  keepsVotes @8 :Bool;       # recovering: only the newest of its entries may be lost
  promiseMicros @9 :UInt32;  # by its clock, from when the request of `round` came: it votes for nobody else
  quiet @10 :Bool;           # it agrees, and relies on its node's heartbeat monitor
}

struct LeadNow {             # the leader hands over: start an election at once (thesis 3.10)
  chosen @0 :Bool;           # an operator wants this node to lead: it stays leader
}

struct ReadPoint {           # a follower asks its leader how far the group is, for reads that it answers itself
  nonce @0 :UInt64;          # echoed
}

struct ReadPointReply {      # sent once this leadership was confirmed after the question came
  nonce @0 :UInt64;
  index @1 :UInt64;          # all that was committed then is up to here, and this is committed
}

struct TransferRequest {     # an operator wants that node to lead; to the leader's seat, on its own node
  node @0 :UInt64;
  number @1 :UInt64;         # echoed
}

struct TransferAnswer {
  number @0 :UInt64;
  begun @1 :Bool;            # it is asked to lead; who leads then tells whether it does
  why @2 :Text;              # not begun
}

struct SnapshotChunk {       # a part of the leader's newest snapshot; without bytes: how far are you?
  index @0 :UInt64;          # what the snapshot covers: up to this entry,
  entryEpoch @1 :UInt64;     # which is of this epoch
  salt @2 :UInt64;           # tells snapshots of the same index apart
  total @3 :UInt64;          # bytes
  offset @4 :UInt64;
  bytes @5 :Data;
  check @6 :UInt64;          # XXH3 of the bytes, seeded by salt and offset
  witness @7 :Bool;          # the receiver is one: the snapshot is without records
}

struct SnapshotReply {
  index @0 :UInt64;
  salt @1 :UInt64;
  offset @2 :UInt64;         # durable here up to it: go on from there
  finished @3 :Bool;         # installed, or not needed (any more)
  damaged @4 :Bool;          # it was whole and did not verify
}

struct StandingQuery {       # from a replica on an empty directory: does the group exist?
  disk @0 :UInt64;           # number of that directory; echoed
}

struct StandingReply {
  kind @0 :UInt8;            # 1 fresh, 2 recovering, 3 member
  disk @1 :UInt64;
  founders @2 :List(Founder);
  asker @3 :UInt64;          # the directory that asked: an answer to a former one counts for nothing

  struct Founder {
    node @0 :UInt64;
    disk @1 :UInt64;
  }
}

struct Admitted {            # to a recovering replica: it has caught up, and counts again
  disk @0 :UInt64;           # that it had when it asked
}

struct LogEntry {
  index @0 :UInt64;
  epoch @1 :UInt64;
  changes @2 :List(Change);
  outcomes @3 :List(RequestOutcome);
  sessions @4 :List(SessionMark);
  wallMillis @5 :Int64;      # the leader's wall clock when it made the entry
  leader @6 :UInt64;         # the node that made it; 0: an older program
  early @7 :List(EarlyRequest);
  members @8 :List(GroupMember);  # the group's members from this entry on; empty: as before
}

struct GroupMember {
  node @0 :UInt64;
  name @1 :Text;
  address @2 :Text;          # for links between nodes; empty: as the configuration files say
  kind @3 :UInt8;            # 1 voter, 2 learner, 3 witness, 4 a learner that is to be a witness
}

struct EarlyRequest {        # may be answered before a majority has it: kept for the loss journal
  outcome @0 :UInt32;        # its place in `outcomes`
  changesBegin @1 :UInt32;   # what it changed: [begin, end) of `changes`
  changesEnd @2 :UInt32;
  type @3 :UInt64;           # capnp type id of the request
  body @4 :Data;             # as a Cap'n Proto stream message, without what one of its changes repeats:
  repeatedAt @5 :UInt32;     # from here in the body,
  repeatedSize @6 :UInt32;   # so many bytes; 0: nothing
  repeatedChange @7 :UInt32; # are those of this one of `changes`,
  repeatedFrom @8 :UInt32;   # from here in its value
}

struct Change {
  key @0 :Data;
  union {
    value @1 :Data;          # the whole record as a Cap'n Proto stream message
    erased @2 :Void;
    cleared @3 :Void;        # every record of the partition; key is empty
  }
}

struct RequestOutcome {      # so that a retry is answered, not executed
  session @0 :UInt64;
  sequence @1 :UInt64;
  reply @2 :Data;
}

struct SessionMark {         # a session was opened, or its client has its answers below firstOpen
  session @0 :UInt64;
  firstOpen @1 :UInt64;
}
