#pragma once
/// The tests' service: a list of items per key, which every request answers with. A list shows
/// everything: what was executed, how often and in which order.

#include "runtime/service/service.hpp"

#include "tests/leader_follower/test_schema.capnp.h"

namespace us::test {

inline service append_service() {
  service s{"lists"};
  auto copy = [](Register::Reader from, Register::Builder to) { to.setItems(from.getItems()); };
  s.on<AppendOnce, Register>(
      [](AppendOnce::Reader a) { return a.getKey(); },
      [copy](record<Register>& r, AppendOnce::Reader a, Register::Builder reply) {
        auto old = r.read().getItems();
        if (a.getIfEven() && old.size() % 2 != 0) return copy(r.read(), reply);
        std::vector<std::uint64_t> items;
        for (auto item : old) items.push_back(item);
        items.push_back(a.getItem());
        auto list = r.reset().initItems(static_cast<unsigned>(items.size()));
        for (unsigned i = 0; i < list.size(); ++i) list.set(i, items[i]);
        copy(r.read(), reply);
      });
  s.on<Read, Register>([](Read::Reader q) { return q.getKey(); },
                       [copy](record<Register>& r, Read::Reader, Register::Builder reply) {
                         r.only_reads();
                         copy(r.read(), reply);
                       });
  return s;
}

}  // namespace us::test
