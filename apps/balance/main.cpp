// balance: a DNS zone for any set of servers, which names only those that live.
#include "apps/balance/dns_edge.hpp"

int main(int argc, char** argv) {
  return us::main(argc, argv, balance::make_app());
}
