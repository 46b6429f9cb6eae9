#include "runtime/checkers/history.hpp"

#include "runtime/ensure.hpp"

#include <utility>

namespace us {

history::index history::begin(operation_call call) {
  ensure(!busy_.contains(call.process), call.process);
  ensure(call.at_ns >= latest_ns_, call.at_ns, latest_ns_);
  latest_ns_ = call.at_ns;
  busy_[call.process] = operations_.size();
  operation o{};
  static_cast<operation_call&>(o) = std::move(call);
  o.begun = positions_++;
  operations_.push_back(std::move(o));
  return operations_.size() - 1;
}

void history::end(index which, operation_end end) {
  ensure(which < operations_.size(), which, operations_.size());
  auto& o = operations_[which];
  const auto busy = busy_.find(o.process);
  ensure(busy != busy_.end() && busy->second == which, which);
  ensure(end.at_ns >= latest_ns_, end.at_ns, latest_ns_);
  latest_ns_ = end.at_ns;
  busy_.erase(busy);
  o.output = std::move(end.output);
  o.version = end.version;
  o.outcome = end.outcome;
  o.ended_ns = end.at_ns;
  const auto position = positions_++;
  if (end.outcome != operation_outcome::open) o.ended = position;
}

void history::set_lines(index which, std::size_t begin_line, std::size_t end_line) {
  operations_[which].begin_line = begin_line;
  operations_[which].end_line = end_line;
}

namespace {

bool observes(const operation& o) {
  return o.f == "read" || o.f == "get";
}

std::string arguments(const operation& o) {
  if (o.f == "cas") return to_text(o.expected) + ", " + to_text(o.input);
  return observes(o) ? "" : to_text(o.input);
}

}  // namespace

std::string to_text(const operation& o) {
  auto text = o.f + "(" + arguments(o) + ")";
  switch (o.outcome) {
    case operation_outcome::open: return text + ", outcome unknown";
    case operation_outcome::failed: return text + (o.f == "cas" ? " -> did not match" : ", failed");
    case operation_outcome::done: break;
  }
  if (observes(o) || o.output != history_value{}) text += " -> " + to_text(o.output);
  return text;
}

std::string to_text_with_place(const operation& o) {
  auto text = "process " + std::to_string(o.process);
  if (o.begin_line > 0) {
    text += o.end_line > 0
                ? ", lines " + std::to_string(o.begin_line) + "-" + std::to_string(o.end_line)
                : ", line " + std::to_string(o.begin_line);
  }
  return text + ": " + to_text(o);
}

}  // namespace us
