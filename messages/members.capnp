@0xe0b7c1d25f9a4836;
# Changing the members of a group; see docs/leader-follower.md, "Members".

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("us::message");

enum MemberAction {
  add @0;                    # as learner
  promote @1;                # a learner becomes voter, or witness
  remove @2;
}

struct MembersRequest {      # to a seat; followers pass it on to the leader
  nonce @0 :UInt64;          # echoed
  action @1 :MemberAction;
  node @2 :Text;             # its name
  address @3 :Text;          # add: for links between nodes; empty: as the configuration files say
  witness @4 :Bool;          # add: to become a witness
}

struct MembersReply {
  nonce @0 :UInt64;
  outcome @1 :Outcome;
  text @2 :Text;             # for people

  enum Outcome {
    done @0;                 # and committed
    refused @1;              # certainly not done
    later @2;                # not done by this request; ask again
  }
}
