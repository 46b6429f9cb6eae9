// Histories as JSON lines.
#include "runtime/checkers/history_file.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace us {

namespace {

using json = nlohmann::ordered_json;

struct to_json_value {
  json operator()(std::monostate) const { return nullptr; }
  json operator()(std::int64_t number) const { return number; }
  json operator()(double number) const { return number; }
  json operator()(const std::string& text) const { return text; }
};
json json_of(const history_value& v) {
  return std::visit(to_json_value{}, v);
}

json input_of(const operation& o) {
  if (o.f == "cas") return json::array({json_of(o.expected), json_of(o.input)});
  return json_of(o.input);
}

json line_of(const operation& o, const char* type, json value, std::int64_t at_ns) {
  return {{"process", o.process},      {"type", type},    {"f", o.f}, {"key", o.key},
          {"value", std::move(value)}, {"time_ns", at_ns}};
}

json begin_of(const operation& o) {
  return line_of(o, "invoke", input_of(o), o.at_ns);
}

json end_of(const operation& o) {
  const bool observes = o.f == "read" || o.f == "get";
  if (o.outcome == operation_outcome::failed) return line_of(o, "fail", input_of(o), o.ended_ns);
  auto line = line_of(o, "ok", observes ? json_of(o.output) : input_of(o), o.ended_ns);
  if (o.version > 0) line["version"] = o.version;
  return line;
}

/// A process that gave up an operation and went on has to say so before its next one.
json give_up_of(const operation& o, std::int64_t at_ns) {
  return line_of(o, "info", input_of(o), at_ns);
}

struct event {
  std::size_t position;
  const operation* of;
  bool begins;
};

std::vector<event> events_of(const history& h) {
  std::vector<event> events;
  events.reserve(2 * h.size());
  for (const auto& o : h.operations()) {
    events.push_back({o.begun, &o, true});
    if (o.ended != operation::never) events.push_back({o.ended, &o, false});
  }
  std::ranges::sort(events, {}, &event::position);
  return events;
}

}  // namespace

status write_history(std::ostream& out, const history& h) {
  std::map<std::int64_t, const operation*> busy;
  try {
    for (const auto& e : events_of(h)) {
      auto& running = busy[e.of->process];
      if (e.begins && running != nullptr) out << give_up_of(*running, e.of->at_ns).dump() << '\n';
      running = e.begins ? e.of : nullptr;
      out << (e.begins ? begin_of(*e.of) : end_of(*e.of)).dump() << '\n';
    }
  } catch (const json::exception&) {
    return failure{errc::invalid_input,
                   "a key or value of the history is not UTF-8, which JSON cannot carry"};
  }
  if (!out.flush()) return failure{errc::io_failed, "the history could not be written"};
  return done{};
}

}  // namespace us
