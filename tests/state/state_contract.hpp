#pragma once
/// The contract of state as tests, for any implementation:
/// INSTANTIATE_TEST_SUITE_P(Name, State, testing::Values(state_kind{...}, ...)).

#include "runtime/state/state.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <string>

namespace us::test {

struct state_kind {
  std::string name;
  std::function<std::unique_ptr<us::state>()> make;
};
inline void PrintTo(const state_kind& kind, std::ostream* out) {
  *out << kind.name;
}

class State : public testing::TestWithParam<state_kind> {
 protected:
  std::map<std::string, std::string> scan() const;
  void expect_equal(const std::map<std::string, std::string>& model) const;

  void put(std::string_view key, std::string_view value) { change({change_kind::put, key, value}); }
  void erase(std::string_view key) { change({change_kind::erased, key, {}}); }
  void clear() { change({change_kind::cleared, {}, {}}); }
  /// As an entry of its own.
  void change(const state_change& how) {
    state->apply({&how, 1}, {state->applied().index.next(), {1}});
  }

  std::unique_ptr<us::state> state = GetParam().make();
};

}  // namespace us::test
