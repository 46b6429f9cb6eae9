#include "tests/state/state_contract.hpp"

#include <random>
#include <vector>

namespace us::test {

std::map<std::string, std::string> State::scan() const {
  std::map<std::string, std::string> found;
  for (std::uint32_t slot = 0; slot < us::state::slots; ++slot)
    state->each_in_slot(slot, [&](std::string_view key, std::string_view value) {
      EXPECT_EQ(us::state::slot_of(key), slot);
      EXPECT_EQ(state->next_used(slot), slot);
      EXPECT_TRUE(found.emplace(key, value).second) << key << " is there twice";
    });
  return found;
}

void State::expect_equal(const std::map<std::string, std::string>& model) const {
  EXPECT_EQ(state->size(), model.size());
  for (const auto& [key, value] : model) {
    auto got = state->get(key);
    ASSERT_TRUE(got) << key;
    EXPECT_EQ(*got, value);
  }
  EXPECT_EQ(scan(), model);
}

TEST_P(State, IsEmptyWhenNew) {
  EXPECT_EQ(state->size(), 0u);
  EXPECT_FALSE(state->get("x"));
  erase("x");
  expect_equal({});
}

TEST_P(State, KeepsWhatIsPut) {
  put("x", "1");
  put("y", "2");
  expect_equal({{"x", "1"}, {"y", "2"}});
}

TEST_P(State, ReplacesAValueByOneOfAnySize) {
  for (std::size_t size : {8, 8, 100, 3, 0, 70'000}) {
    put("x", std::string(size, 'v'));
    expect_equal({{"x", std::string(size, 'v')}});
  }
}

TEST_P(State, ErasesOnlyTheKeyNamed) {
  put("x", "1");
  put("y", "2");
  erase("x");
  erase("x");
  expect_equal({{"y", "2"}});
}

TEST_P(State, TakesEmptyAndBinaryKeysAndValues) {
  std::string binary("\0\xff\0", 3);
  put("", "");
  put(binary, binary);
  put(std::string(1, '\0'), "zero");
  expect_equal({{"", ""}, {binary, binary}, {std::string(1, '\0'), "zero"}});
}

TEST_P(State, AlignsValuesToWords) {
  for (std::size_t size = 0; size < 100; ++size) {
    put("key" + std::to_string(size), std::string(size, 'v'));
    auto got = state->get("key" + std::to_string(size));
    ASSERT_TRUE(got);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(got->data()) % 8, 0u);
  }
}

TEST_P(State, KeepsAViewValidUntilItsRecordChanges) {
  put("x", "unchanged");
  const auto view = state->get("x");
  for (int i = 0; i < 20'000; ++i) put("other" + std::to_string(i), "v");
  for (int i = 0; i < 20'000; ++i) erase("other" + std::to_string(i));
  EXPECT_EQ(*view, "unchanged");
  EXPECT_EQ(*state->get("x"), "unchanged");
}

TEST_P(State, TakesItsOwnViewAsAKey) {
  put("x", "x");
  const auto own = state->get("x");
  put(*own, "longer than before");
  expect_equal({{"x", "longer than before"}});
}

TEST_P(State, ClearsEverything) {
  for (int i = 0; i < 1000; ++i) put(std::to_string(i), "v");
  clear();
  expect_equal({});
  put("x", "1");
  expect_equal({{"x", "1"}});
}

TEST_P(State, SpreadsKeysOverSlots) {
  std::map<std::uint32_t, int> used;
  for (int i = 0; i < 100'000; ++i) ++used[us::state::slot_of("key" + std::to_string(i))];
  EXPECT_GT(used.size(), us::state::slots * 95 / 100);
  for (const auto& [slot, count] : used) EXPECT_LT(count, 40) << slot;
}

TEST_P(State, TakesAnEntryAsAWhole) {
  put("gone", "before");
  const std::vector<state_change> changes{
      {change_kind::put, "x", "1"},    {change_kind::put, "x", "2"},
      {change_kind::erased, "x", {}},  {change_kind::erased, "never", {}},
      {change_kind::put, "y", "1"},    {change_kind::cleared, {}, {}},
      {change_kind::erased, "y", {}},  {change_kind::put, "gone", "after"},
      {change_kind::put, "gone", "2"}, {change_kind::put, "z", "3"}};
  state->apply(changes, {{77}, {3}});
  EXPECT_EQ(state->applied(), (entry_id{{77}, {3}}));
  expect_equal({{"gone", "2"}, {"z", "3"}});
}

TEST_P(State, AlignsValuesThatAreWalked) {
  for (std::size_t size = 0; size < 100; ++size)
    put("key" + std::to_string(size), std::string(size, 'v'));
  int seen = 0;
  for (std::uint32_t slot = 0; slot < us::state::slots; ++slot)
    state->each_in_slot(slot, [&](std::string_view, std::string_view value) {
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(value.data()) % 8, 0u);
      ++seen;
    });
  EXPECT_EQ(seen, 100);
}

// A key never changes its slot: partitions on disk and on the wire rely on it.
TEST_P(State, KeepsTheSlotsOfEarlierVersions) {
  EXPECT_EQ(us::state::slot_of(""), 5314u);
  EXPECT_EQ(us::state::slot_of("x"), 3345u);
}

TEST_P(State, AgreesWithAMapUnderRandomChanges) {
  std::mt19937_64 random{7};
  std::map<std::string, std::string> model;
  for (int i = 0; i < 200'000; ++i) {
    auto key = "k" + std::to_string(random() % 20'000);
    if (random() % 3 == 0) {
      model.erase(key);
      erase(key);
    } else {
      std::string value(random() % 40, static_cast<char>('a' + random() % 26));
      model[key] = value;
      put(key, value);
    }
  }
  expect_equal(model);
}

}  // namespace us::test
