#pragma once
/// Strong types for the numbers that every message carries. They do not mix: an
/// epoch is never compared with a log index.

#include <compare>
#include <cstdint>
#include <functional>
#include <string>

namespace us {

template <class Tag>
struct strong_number {
  std::uint64_t value = 0;

  friend constexpr auto operator<=>(const strong_number&, const strong_number&) = default;
  constexpr strong_number next() const { return {value + 1}; }
  constexpr strong_number previous() const { return {value - 1}; }
  constexpr bool none() const { return value == 0; }
};

/// A node of the cluster: the hash of its name (see node_id_of). 0: no node.
using node_id = strong_number<struct node_tag>;
/// An actor that frames can be sent to on a node: the hash of its public name. 0: none.
using actor_key = strong_number<struct actor_tag>;
/// Grows with every change of leadership (Raft: term). 0: before the first election.
using epoch = strong_number<struct epoch_tag>;
/// Position in a change log, from 1. 0: before the first entry.
using log_index = strong_number<struct log_tag>;
/// A client's session with a group; within it requests are numbered. 0: no session.
using session_id = strong_number<struct session_tag>;
using request_sequence = strong_number<struct sequence_tag>;

/// Stable across processes and versions; never 0.
node_id node_id_of(std::string_view name);
actor_key actor_key_of(std::string_view name);

/// Where a frame comes from or goes to.
struct address {
  node_id node;
  actor_key actor;
  friend constexpr auto operator<=>(const address&, const address&) = default;
};

template <class Tag>
std::string to_string(strong_number<Tag> number) {
  return std::to_string(number.value);
}

}  // namespace us

template <class Tag>
struct std::hash<us::strong_number<Tag>> {
  std::size_t operator()(us::strong_number<Tag> number) const noexcept {
    return std::hash<std::uint64_t>{}(number.value);
  }
};

template <>
struct std::hash<us::address> {
  std::size_t operator()(const us::address& a) const noexcept {
    return std::hash<std::uint64_t>{}(a.node.value * 31 + a.actor.value);
  }
};
