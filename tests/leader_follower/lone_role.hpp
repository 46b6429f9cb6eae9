#pragma once
/// What a role is started with in tests that have nothing but this role: records in memory, a log
/// of the test's choice, a group without monitor.

#include "actors/leader_follower/role_actor.hpp"
#include "runtime/state/memory_state.hpp"
#include "tests/support/manual_node.hpp"

#include <memory>
#include <utility>

namespace us::test {

inline std::unique_ptr<replica_store> store_with(std::unique_ptr<change_log> log) {
  auto store = std::make_unique<replica_store>();
  store->log = std::move(log);
  store->state = make_memory_state();
  return store;
}

inline actor_key lone_seat_key() {
  return actor_key_of("seat/lists");
}

inline role_start start_alone(const manual_node& at, std::unique_ptr<replica_store> store,
                              caf::actor seat = {}, const acknowledge_policy& acknowledge = {},
                              service what = service{"lists"}) {
  auto of = std::make_shared<const group>(group{.service = std::move(what),
                                                .partition = {},
                                                .name = "lists",
                                                .directory = "lists/log",
                                                .seat = lone_seat_key(),
                                                .monitor = {},
                                                .limits = {},
                                                .acknowledge = acknowledge});
  return {at.node(),
          std::move(of),
          std::move(seat),
          std::make_shared<std::unique_ptr<replica_store>>(std::move(store)),
          "",
          false};
}

}  // namespace us::test
