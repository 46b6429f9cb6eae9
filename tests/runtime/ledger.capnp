@0xa3e95b1c6f0d7284;
# Accounts and what is done to them: a service for tests.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("us::test::ledger");

struct Account {
  balance @0 :Int64;
  owner @1 :Text;
}

struct Deposit {
  account @0 :Text;
  amount @1 :Int64;
}

struct Transfer {
  from @0 :Text;
  to @1 :Text;
  amount @2 :Int64;
}

struct Balance {
  amount @0 :Int64;
}
