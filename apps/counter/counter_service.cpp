#include "apps/counter/counter_service.hpp"

#include "apps/counter/counter.capnp.h"

using counter::Add;
using counter::Get;
using counter::Total;

us::service counter_service() {
  us::service s{"counter"};
  s.on<Add, Total>([](Add::Reader add) { return add.getName(); },  // which record it is about
                   [](us::record<Total>& total, Add::Reader add, Total::Builder reply) {
                     total.edit().setValue(total.read().getValue() + add.getAmount());
                     reply.setValue(total.read().getValue());
                   });
  s.on<Get, Total>([](Get::Reader get) { return get.getName(); },
                   [](us::record<Total>& total, Get::Reader, Total::Builder reply) {
                     total.only_reads();
                     reply.setValue(total.read().getValue());
                   });
  return s;
}
