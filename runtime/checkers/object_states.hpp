#pragma once
/// What the frontier search must know of an object, for the operations of one key: how it changes,
/// what observes it, and what of its past can still matter.
///
/// Operations are of five kinds, and that is all that registers and key-value objects have. States
/// are small numbers; `dead` stands for every state that nothing which is still to end can tell
/// from another that nothing expects.
///
/// Positions are those of the history; an open operation ends at operation::never.

#include "runtime/checkers/history.hpp"
#include "runtime/checkers/object_model.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace us {

struct planned_operation {
  enum class kind : std::uint8_t {
    observe,      ///< saw the state
    observe_not,  ///< saw that the state was not this
    set,          ///< whatever the state was
    swap,         ///< found one state and left another
    append,       ///< made the state longer
  };
  enum kind kind = kind::observe;
  std::uint32_t from = 0;  ///< what it observes or finds (a number that its object_states gave)
  std::uint32_t to = 0;    ///< what it leaves or appends
  std::size_t begun = 0;
  std::size_t ended = operation::never;
  std::size_t index = 0;  ///< in the history

  bool changes() const { return kind >= kind::set; }
  bool open() const { return ended == operation::never; }
  /// Needs a state to be there before it ends: what it observes, or finds.
  bool expects() const { return kind == kind::observe || kind == kind::swap; }
};

class object_states {
 public:
  using state = std::uint32_t;
  static constexpr state dead = 0;
  virtual ~object_states() = default;

  const std::vector<planned_operation>& operations() const { return operations_; }

  virtual state initial() const = 0;
  /// The state that `o`, which changes, leaves; nothing: it cannot happen there.
  virtual std::optional<state> after(state s, const planned_operation& o) = 0;
  virtual bool agrees(state s, const planned_operation& o) const = 0;
  /// The last end of an operation that can tell `s` from other states; 0: none can.
  virtual std::size_t last_observed(state s) const = 0;

  /// Whether using `change` can be what lets `o` agree; may err to true.
  virtual bool helps(const planned_operation& change, const planned_operation& o) const = 0;
  /// The last beginning of an operation that `change` helps; may err to later.
  virtual std::size_t last_helped(const planned_operation& change) const = 0;

  /// Whether `o` expects what can come out of `before` without a set, and cannot out of `now`.
  virtual bool lost(state before, state now, const planned_operation& o) const = 0;
  /// One operation that begins after `position` and is lost by the step; nothing: none is known.
  virtual const planned_operation* lost_later(state before, state now,
                                              std::size_t position) const = 0;
  /// Whether `change` can begin a way to what `o` expects, out of any state.
  virtual bool restores(const planned_operation& change, const planned_operation& o) const = 0;
  /// The last beginning of a change that restores what `o` expects.
  virtual std::size_t last_restored(const planned_operation& o) const = 0;

 protected:
  std::vector<planned_operation> operations_;
};

/// The operations `subset` of `h` as they look to somebody who stops listening at position `until`:
/// what has not ended by then is open, and what has not begun is not there.
std::unique_ptr<object_states> make_object_states(const history& h,
                                                  const std::vector<std::size_t>& subset,
                                                  object_model model, std::size_t until);

/// The part of an operation's plan that every model shares; nothing: it is not seen before `until`.
std::optional<planned_operation> plan_times(const history& h, std::size_t index, std::size_t until);

}  // namespace us
