#pragma once
/// object_states of a key-value object. See object_states.hpp.
///
/// A state matters only as far as a get may still return it or something that it grows into, so a
/// state is a prefix of values that gets returned: a range of them in sorted order and a length.
/// What is no prefix of any is dead, and stays so whatever is appended.

#include "runtime/checkers/object_states.hpp"

#include <deque>
#include <map>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace us {

class kv_states final : public object_states {
 public:
  kv_states(const history& h, const std::vector<std::size_t>& subset, std::size_t until);

  state initial() const override { return absent; }
  std::optional<state> after(state s, const planned_operation& o) override;
  bool agrees(state s, const planned_operation& o) const override;
  std::size_t last_observed(state s) const override { return prefixes_[s].last_observed; }
  bool helps(const planned_operation& change, const planned_operation& o) const override;
  std::size_t last_helped(const planned_operation& change) const override;
  bool lost(state before, state now, const planned_operation& o) const override;
  const planned_operation* lost_later(state before, state now, std::size_t position) const override;
  bool restores(const planned_operation& change, const planned_operation& o) const override;
  std::size_t last_restored(const planned_operation& o) const override {
    return last_restored_[o.from];
  }

 private:
  static constexpr state absent = 1;
  /// Gets that returned the same; number 0 are those that returned null.
  struct returned {
    std::string_view value;
    std::size_t last_ended = 0;
    const planned_operation* last_begun = nullptr;
  };
  struct prefix {
    std::uint32_t first = 0;  ///< of returned_, that begin with it
    std::uint32_t last = 0;   ///< one past
    std::size_t length = 0;
    std::size_t last_observed = 0;  ///< end of a get that covers it
    std::size_t last_begun = 0;     ///< beginning of one
    bool covers(std::uint32_t value) const { return first <= value && value < last; }
  };

  void plan_gets(const history& h, const std::vector<std::size_t>& subset, std::size_t until);
  void plan_changes(const history& h, const std::vector<std::size_t>& subset, std::size_t until);
  void note_restorers();
  void note_tokens();
  void note_tokens_in(std::uint32_t value, std::size_t length);
  std::uint32_t text_number(const history_value& v);
  /// The state `within` with `more` appended.
  state grown(const prefix& within, std::string_view more);
  state numbered(prefix p);
  prefix completed(prefix p) const;
  bool contains(std::uint32_t value, std::uint32_t text) const;

  static constexpr std::uint32_t null_text = 0;
  std::deque<std::string> kept_;    ///< what the views below look at
  std::vector<returned> returned_;  ///< sorted from number 1 on
  std::vector<prefix> prefixes_;    ///< by state; dead and absent first
  std::map<std::pair<std::uint32_t, std::size_t>, state> numbers_;  ///< by first and length
  std::vector<std::string_view> texts_;                             ///< what is put and appended
  std::unordered_map<std::string_view, std::uint32_t> text_numbers_;
  std::unordered_map<std::uint64_t, state> steps_;  ///< after, by state and text
  std::vector<std::size_t> last_restored_;          ///< by number of returned
  mutable std::unordered_map<std::uint64_t, const planned_operation*> lost_;  ///< by both states
  bool contents_known_ = false;
  std::unordered_set<std::uint64_t> contents_;  ///< returned value and a text in it
  std::vector<std::size_t> last_containing_;    ///< by text: beginning of a get that has it
  std::size_t last_get_begun_ = 0;
};

}  // namespace us
