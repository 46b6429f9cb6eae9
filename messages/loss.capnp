@0x9b6f0d52e7a3c841;
# The loss journal of a replica: what was given up knowingly, as it lies on disk and is shown.

using Cxx = import "/capnp/c++.capnp";
using Json = import "/capnp/compat/json.capnp";
$Cxx.namespace("us::message");

struct Loss {
  service @0 :Text;
  epoch @1 :UInt64;
  index @2 :UInt64;            # of the entry that was given up
  position @3 :UInt32;         # of the request in its entry
  kind @4 :LossKind;
  from @5 :Text;               # the node that executed it
  node @6 :Text;               # the node whose journal this is
  why @7 :Text;
  madeMillis @8 :Int64 $Json.name("made_ms");   # wall clock of `from` when it was executed
  lostMillis @9 :Int64 $Json.name("lost_ms");   # wall clock of `node` when it was given up
  session @10 :UInt64;
  sequence @11 :UInt64;
  keys @12 :List(Data);        # the records that it had changed
  type @13 :UInt64;            # capnp type id of the request; 0: it is not kept
  body @14 :Data;              # the request as a Cap'n Proto stream message
  partition @15 :UInt32;       # of the service
  partitions @16 :UInt32 = 1;  # that it has
}

enum LossKind {
  acknowledged @0;             # its client may have been told that it is done
  unacknowledged @1;           # its clients were told no more than that the outcome is unknown
}

enum LossState {
  lost @0;
  survived @1;                 # another replica kept the entry, and it was committed after all
  executedAgain @2;            # by its client's retry
  uncertain @3;                # it may have been executed again: a snapshot came in between
  replaying @4;                # submitted again; no outcome is known yet
  replayed @5;
  refused @6;                  # submitted again and rejected: it may be submitted once more
  withoutEffect @7;            # its client's retry was executed and changed nothing this time
}

struct LossMark {              # what became of a loss
  epoch @0 :UInt64;
  index @1 :UInt64;
  position @2 :UInt32;
  state @3 :LossState;
  wallMillis @4 :Int64;
}

struct LossEntry {             # one record of the journal's files
  union {
    loss @0 :Loss;
    mark @1 :LossMark;
  }
}
