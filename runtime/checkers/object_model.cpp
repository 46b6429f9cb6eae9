#include "runtime/checkers/object_model.hpp"

namespace us {

std::optional<object_model> parse_object_model(std::string_view name) {
  if (name == "register") return object_model::cas_register;
  if (name == "kv") return object_model::key_value;
  return {};
}

bool knows(object_model model, std::string_view f) {
  if (model == object_model::cas_register) return f == "read" || f == "write" || f == "cas";
  return f == "get" || f == "put" || f == "append";
}

std::string_view operations_of(object_model model) {
  return model == object_model::cas_register ? "read, write or cas" : "get, put or append";
}

std::optional<register_model::state> register_model::step(const state& now,
                                                          const operation& op) const {
  if (op.f == "write") return op.input;
  if (op.f == "cas") {
    const bool matches = now == op.expected;
    if (op.outcome == operation_outcome::failed) return matches ? std::nullopt : std::optional{now};
    return matches ? std::optional{op.input} : std::nullopt;
  }
  if (op.outcome == operation_outcome::open || now == op.output) return now;
  return {};
}

std::optional<std::string> kv_bytes(const history_value& v) {
  if (is_null(v)) return {};
  if (const auto* text = std::get_if<std::string>(&v)) return *text;
  return to_text(v);
}

std::optional<kv_model::state> kv_model::step(const state& now, const operation& op) const {
  if (op.f == "put") return kv_bytes(op.input);
  if (op.f == "append") return now.value_or("") + kv_bytes(op.input).value_or("");
  const auto seen = kv_bytes(op.output);
  const bool agrees = now == seen || (!now && seen == "");
  if (op.outcome == operation_outcome::open || agrees) return now;
  return {};
}

}  // namespace us
