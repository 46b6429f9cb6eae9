#pragma once
/// Makes a history of events read from a file: finds for each completion what it completes, and
/// refuses what cannot have been recorded (a completion of nothing, a process that does two things
/// at once, time that goes back, values that do not fit the operation).
///
/// Owns the history until it is taken. No file, no format: the readers of formats give it events.
/// Errors: one line for a person, "field: what is wrong and what would be right".

#include "runtime/checkers/history.hpp"
#include "runtime/checkers/object_model.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace us {

enum class event_type { invoke, ok, fail, info };
std::optional<event_type> parse_event_type(std::string_view name);

struct history_event {
  std::size_t line = 0;
  std::int64_t process = 0;
  event_type type = event_type::invoke;
  std::string f;
  std::optional<std::string> key;    ///< of a completion: nothing, or that of its invocation
  bool is_pair = false;              ///< value is [first, second]
  std::vector<history_value> value;  ///< none: not given; one; two of a pair
  std::optional<std::int64_t> time_ns;
  std::uint64_t version = 0;
};

class history_pairing {
 public:
  explicit history_pairing(object_model model) : model_(model) {}

  /// What is wrong with the event, or nothing.
  std::optional<std::string> add(const history_event& e);

  /// Operations without completion are open.
  history take() { return std::move(history_); }

 private:
  std::optional<std::string> check(const history_event& e);
  std::optional<std::string> invoke(const history_event& e);
  std::optional<std::string> complete(const history_event& e);

  object_model model_;
  history history_;
  std::map<std::int64_t, history::index> busy_;
  std::optional<std::int64_t> latest_ns_;
};

}  // namespace us
