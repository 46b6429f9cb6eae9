#include "tests/state/state_contract.hpp"

#include <random>

namespace us::test {

std::map<std::string, std::string> State::scan() const {
  std::map<std::string, std::string> found;
  for (std::uint32_t slot = 0; slot < us::state::slots; ++slot)
    state->each_in_slot(slot, [&](std::string_view key, std::string_view value) {
      EXPECT_EQ(us::state::slot_of(key), slot);
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
  EXPECT_EQ(state->get("x"), std::nullopt);
  EXPECT_FALSE(state->erase("x"));
  expect_equal({});
}

TEST_P(State, KeepsWhatIsPut) {
  state->put("x", "1");
  state->put("y", "2");
  expect_equal({{"x", "1"}, {"y", "2"}});
}

TEST_P(State, ReplacesAValueByOneOfAnySize) {
  for (std::size_t size : {8, 8, 100, 3, 0, 70'000}) {
    state->put("x", std::string(size, 'v'));
    expect_equal({{"x", std::string(size, 'v')}});
  }
}

TEST_P(State, ErasesOnlyTheKeyNamed) {
  state->put("x", "1");
  state->put("y", "2");
  EXPECT_TRUE(state->erase("x"));
  EXPECT_FALSE(state->erase("x"));
  expect_equal({{"y", "2"}});
}

TEST_P(State, TakesEmptyAndBinaryKeysAndValues) {
  std::string binary("\0\xff\0", 3);
  state->put("", "");
  state->put(binary, binary);
  state->put(std::string(1, '\0'), "zero");
  expect_equal({{"", ""}, {binary, binary}, {std::string(1, '\0'), "zero"}});
}

TEST_P(State, AlignsValuesToWords) {
  for (std::size_t size = 0; size < 100; ++size) {
    state->put("key" + std::to_string(size), std::string(size, 'v'));
    auto got = state->get("key" + std::to_string(size));
    ASSERT_TRUE(got);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(got->data()) % 8, 0u);
  }
}

TEST_P(State, KeepsAViewValidUntilItsRecordChanges) {
  state->put("x", "unchanged");
  auto view = *state->get("x");
  for (int i = 0; i < 20'000; ++i) state->put("other" + std::to_string(i), "v");
  for (int i = 0; i < 20'000; ++i) state->erase("other" + std::to_string(i));
  EXPECT_EQ(view, "unchanged");
  EXPECT_EQ(state->get("x")->data(), view.data());
}

TEST_P(State, TakesItsOwnViewAsAKey) {
  state->put("x", "x");
  state->put(*state->get("x"), "longer than before");
  expect_equal({{"x", "longer than before"}});
}

TEST_P(State, ClearsEverything) {
  for (int i = 0; i < 1000; ++i) state->put(std::to_string(i), "v");
  state->clear();
  expect_equal({});
  state->put("x", "1");
  expect_equal({{"x", "1"}});
}

TEST_P(State, SpreadsKeysOverSlots) {
  std::map<std::uint32_t, int> used;
  for (int i = 0; i < 100'000; ++i) ++used[us::state::slot_of("key" + std::to_string(i))];
  EXPECT_GT(used.size(), us::state::slots * 95 / 100);
  for (const auto& [slot, count] : used) EXPECT_LT(count, 40) << slot;
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
      EXPECT_EQ(state->erase(key), model.erase(key) == 1);
    } else {
      std::string value(random() % 40, static_cast<char>('a' + random() % 26));
      model[key] = value;
      state->put(key, std::move(value));
    }
  }
  expect_equal(model);
}

}  // namespace us::test
