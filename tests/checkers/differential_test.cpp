// Three searches that share nothing but the models must agree: every order, Wing and Gong's, and
// the frontier.
#include "runtime/checkers/history_file.hpp"
#include "runtime/checkers/linearizability.hpp"
#include "tests/checkers/brute_force.hpp"
#include "tests/checkers/random_history.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace us::test {
namespace {

std::string text_of(const history& h) {
  std::ostringstream out;
  (void)write_history(out, h);
  return out.str();
}

struct tally {
  std::size_t linearizable = 0;
  std::size_t not_linearizable = 0;
};

template <class Model>
void expect_agreement(const history& h, object_model kind, bool tiny, tally& seen) {
  const auto expected = check_linearizable(h, Model{}).verdict;
  if (tiny) {
    const Model model;
    const bool by_definition = brute_force<Model>{h, model}.linearizable();
    ASSERT_EQ(by_definition, expected == verdict::linearizable) << text_of(h);
  }
  ASSERT_EQ(check_linearizable(h, kind).verdict, expected) << text_of(h);
  ++(expected == verdict::linearizable ? seen.linearizable : seen.not_linearizable);
}

template <class Model>
tally sweep(const history_shape& shape, std::uint64_t seeds, bool tiny) {
  tally seen;
  for (std::uint64_t seed = 0; seed < seeds && !testing::Test::HasFatalFailure(); ++seed) {
    const auto good = random_history(shape, seed);
    EXPECT_EQ(check_linearizable(good, shape.model).verdict, verdict::linearizable)
        << "seed " << seed << "\n"
        << text_of(good);
    expect_agreement<Model>(with_one_wrong_read(good, seed), shape.model, tiny, seen);
  }
  return seen;
}

void expect_both(const tally& seen) {
  EXPECT_GT(seen.linearizable, 0u);
  EXPECT_GT(seen.not_linearizable, 0u);
}

TEST(Searches, AgreeOnTinyRegisters) {
  for (const std::uint64_t values : {2, 3, 0})
    expect_both(sweep<register_model>(
        {.clients = 4, .operations = 8, .values = values, .open_percent = 15}, 1500, true));
}

TEST(Searches, AgreeOnTinyRegistersWithManyCas) {
  for (const std::uint64_t values : {2, 4})
    expect_both(sweep<register_model>(
        {.clients = 5, .operations = 8, .values = values, .open_percent = 20, .cas_percent = 60},
        1500, true));
}

TEST(Searches, AgreeOnTinyKeyValueObjects) {
  for (const std::uint64_t values : {1, 2, 0})
    expect_both(sweep<kv_model>({.model = object_model::key_value,
                                 .clients = 4,
                                 .operations = 8,
                                 .values = values,
                                 .open_percent = 15},
                                1500, true));
}

TEST(Searches, AgreeOnLongerRegisters) {
  for (const std::uint64_t values : {3, 0})
    expect_both(sweep<register_model>(
        {.clients = 6, .operations = 40, .values = values, .open_percent = 5}, 300, false));
}

TEST(Searches, AgreeOnLongerKeyValueObjects) {
  for (const std::uint64_t values : {2, 0})
    expect_both(sweep<kv_model>({.model = object_model::key_value,
                                 .clients = 6,
                                 .operations = 40,
                                 .values = values,
                                 .open_percent = 5},
                                300, false));
}

}  // namespace
}  // namespace us::test
