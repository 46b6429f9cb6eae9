#include "runtime/checkers/history_pairing.hpp"

#include <utility>

namespace us {

namespace {

using problem = std::optional<std::string>;

bool observes(std::string_view f) {
  return f == "read" || f == "get";
}

/// What an operation is invoked with: a pair for cas, one value for what writes, nothing needed
/// else.
problem check_input(const history_event& e) {
  if (e.f == "cas") {
    if (!e.is_pair || e.value.size() != 2) return "value: of a cas must be [old, new]";
    return {};
  }
  if (observes(e.f)) return {};
  if (e.is_pair) return "value: of a " + e.f + " must be one value, is a list";
  if (e.value.empty()) return "value: is missing, a " + e.f + " has one";
  if (e.f == "append" && is_null(e.value[0]))
    return std::string{"value: of an append must not be null"};
  return {};
}

operation_outcome outcome_of(event_type type) {
  switch (type) {
    case event_type::ok: return operation_outcome::done;
    case event_type::fail: return operation_outcome::failed;
    case event_type::invoke:
    case event_type::info: break;
  }
  return operation_outcome::open;
}

}  // namespace

std::optional<event_type> parse_event_type(std::string_view name) {
  if (name == "invoke") return event_type::invoke;
  if (name == "ok") return event_type::ok;
  if (name == "fail") return event_type::fail;
  if (name == "info") return event_type::info;
  return {};
}

problem history_pairing::check(const history_event& e) {
  if (!knows(model_, e.f)) {
    return "f: " + to_text(history_value{e.f}) + " is not of this model; known are " +
           std::string{operations_of(model_)};
  }
  if (e.time_ns && latest_ns_ && *e.time_ns < *latest_ns_) {
    return "time_ns: goes back, from " + std::to_string(*latest_ns_) + " to " +
           std::to_string(*e.time_ns);
  }
  return {};
}

problem history_pairing::add(const history_event& e) {
  if (auto wrong = check(e)) return wrong;
  auto wrong = e.type == event_type::invoke ? invoke(e) : complete(e);
  if (!wrong && e.time_ns) latest_ns_ = e.time_ns;
  return wrong;
}

problem history_pairing::invoke(const history_event& e) {
  const auto busy = busy_.find(e.process);
  if (busy != busy_.end()) {
    return "process: " + std::to_string(e.process) +
           " invokes a second operation, its first of line " +
           std::to_string(history_[busy->second].begin_line) + " has not completed";
  }
  if (auto wrong = check_input(e)) return wrong;
  operation_call call{.process = e.process,
                      .f = e.f,
                      .key = e.key.value_or(""),
                      .input = {},
                      .expected = {},
                      .at_ns = e.time_ns.value_or(latest_ns_.value_or(0))};
  if (e.f == "cas") {
    call.expected = e.value[0];
    call.input = e.value[1];
  } else if (!observes(e.f)) {
    call.input = e.value[0];
  }
  const auto index = history_.begin(std::move(call));
  history_.set_lines(index, e.line, 0);
  busy_[e.process] = index;
  return {};
}

problem history_pairing::complete(const history_event& e) {
  const auto busy = busy_.find(e.process);
  if (busy == busy_.end())
    return "process: " + std::to_string(e.process) +
           " completes an operation that it has not invoked";
  const auto index = busy->second;
  const auto& o = history_[index];
  const auto invoked = ", line " + std::to_string(o.begin_line) + " invoked ";
  if (e.f != o.f) return "f: completes " + e.f + invoked + o.f;
  if (e.key && *e.key != o.key) {
    return "key: completes one on " + to_text(history_value{*e.key}) + invoked + "one on " +
           to_text(history_value{o.key});
  }
  operation_end end{.outcome = outcome_of(e.type),
                    .output = {},
                    .version = e.version,
                    .at_ns = e.time_ns.value_or(latest_ns_.value_or(0))};
  if (e.type == event_type::ok && observes(e.f)) {
    if (e.is_pair) return "value: of a " + e.f + " must be one value, is a list";
    if (e.value.empty())
      return "value: is missing, what the " + e.f + " returned (null for nothing)";
    end.output = e.value[0];
  }
  busy_.erase(busy);
  history_.end(index, std::move(end));
  history_.set_lines(index, o.begin_line, e.line);
  return {};
}

}  // namespace us
