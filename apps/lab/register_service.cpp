#include "apps/lab/register_service.hpp"

#include "apps/lab/register.capnp.h"

namespace lab {

using message::Cas;
using message::Read;
using message::Register;
using message::Swapped;
using message::Write;

us::service register_service() {
  us::service s{"register"};
  s.on<Read, Register>([](Read::Reader read) { return read.getKey(); },
                       [](us::record<Register>& kept, Read::Reader, Register::Builder reply) {
                         kept.only_reads();
                         reply.setWritten(kept.read().getWritten());
                         reply.setValue(kept.read().getValue());
                       });
  s.on<Write, Register>(
      [](Write::Reader write) { return write.getKey(); },
      [](us::record<Register>& kept, Write::Reader write, Register::Builder reply) {
        kept.edit().setWritten(true);
        kept.edit().setValue(write.getValue());
        reply.setWritten(true);
        reply.setValue(write.getValue());
      });
  s.on<Cas, Swapped>([](Cas::Reader cas) { return cas.getKey(); },
                     [](us::record<Register>& kept, Cas::Reader cas, Swapped::Builder reply) {
                       const auto now = kept.read();
                       const bool matched = now.getWritten() && now.getValue() == cas.getExpected();
                       if (matched) kept.edit().setValue(cas.getValue());
                       reply.setMatched(matched);
                     });
  return s;
}

}  // namespace lab
