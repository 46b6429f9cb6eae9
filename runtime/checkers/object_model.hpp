#pragma once
/// The two kinds of object that histories of ours are about, as sequential specifications: what
/// each operation does to one key's state, and whether what it returned agrees with it. Keys are
/// independent objects, so a state is that of one key.
///
/// register: read, write, cas. Begins as null. A read returns the state; a cas [old, new] that is
/// done found old and left new; a cas that failed found something else than old. (As porcupine's
/// model of etcd has it.) Values compare with their kinds: 1 is not "1".
///
/// kv: get, put, append. Begins absent. Values are strings of bytes, a number is its text. A get
/// of an absent key returns null, or "" where a system does not tell them apart; an append to an
/// absent key begins at ""; a put of null removes the key. (As porcupine's model of a key-value
/// store, which knows only "".)

#include "runtime/checkers/history.hpp"

#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace us {

enum class object_model { cas_register, key_value };

/// "register" or "kv".
std::optional<object_model> parse_object_model(std::string_view name);
/// Whether the model knows this f.
bool knows(object_model model, std::string_view f);
/// "read, write or cas"
std::string_view operations_of(object_model model);

/// What a model is: a state to begin with, what an operation makes of a state (nothing: it cannot
/// have happened there with the output that it has; of an open one there is no output), and a hash.
template <class Model>
concept sequential_model = requires(const Model& model, const typename Model::state& state,
                                    const operation& op) {
  { model.initial() } -> std::same_as<typename Model::state>;
  { model.step(state, op) } -> std::same_as<std::optional<typename Model::state>>;
  { model.hash(state) } -> std::convertible_to<std::size_t>;
  { state == state } -> std::convertible_to<bool>;
};

struct register_model {
  using state = history_value;
  state initial() const { return {}; }
  std::optional<state> step(const state& now, const operation& op) const;
  std::size_t hash(const state& s) const { return std::hash<state>{}(s); }
};

struct kv_model {
  using state = std::optional<std::string>;  ///< nothing: absent
  state initial() const { return {}; }
  std::optional<state> step(const state& now, const operation& op) const;
  std::size_t hash(const state& s) const { return std::hash<state>{}(s); }
};

/// A value as the bytes that a key-value store keeps; nothing: null.
std::optional<std::string> kv_bytes(const history_value& v);

}  // namespace us
