#include "runtime/state/memory_state.hpp"

#include "runtime/state/slot_table.hpp"

#include "tests/state/state_contract.hpp"

namespace us::test {
namespace {

INSTANTIATE_TEST_SUITE_P(InMemory, State,
                         testing::Values(state_kind{"MemoryState", make_memory_state}),
                         [](const auto& about) { return about.param.name; });

// All keys in one table, whose cells wrap around.
TEST(SlotTable, FindsEveryKeyAfterErasingHalf) {
  slot_table table;
  auto name = [](int i) { return "key" + std::to_string(i); };
  for (int i = 0; i < 5000; ++i) EXPECT_TRUE(table.put(name(i), key_hash(name(i)), "v"));
  for (int i = 0; i < 5000; i += 2) EXPECT_TRUE(table.erase(name(i), key_hash(name(i))));
  for (int i = 0; i < 5000; ++i)
    EXPECT_EQ(table.find(name(i), key_hash(name(i))) != nullptr, i % 2 == 1) << i;
  int seen = 0;
  table.each([&](const slot_table::entry&) { ++seen; });
  EXPECT_EQ(seen, 2500);
}

}  // namespace
}  // namespace us::test
