#pragma once
/// Children for supervisor tests: they write their story ("+a" started, "-a" ended, "~a" asked to
/// shut down) and fail on command.

#include "runtime/supervision/supervisor.hpp"
#include "tests/support/manual_node.hpp"

#include <map>
#include <memory>
#include <string>

namespace us::test {

enum class manner : unsigned char {
  obedient,  ///< ends at once when asked to
  stubborn,  ///< ignores every exit but kill
};

struct stage {
  std::string story;
  std::map<std::string, int> broken_starts;  ///< how often the factory throws first
  std::map<std::string, manner> manners;
};
using stage_ptr = std::shared_ptr<stage>;

child_spec make_child(const node_ptr& node, const stage_ptr& on, const std::string& name,
                      restart kind = restart::permanent);

/// A supervisor of obedient permanent children with one-letter names, one per character.
supervisor_spec make_spec(const node_ptr& node, const stage_ptr& on, const std::string& names,
                          strategy kind = strategy::one_for_one);

/// The child throws an exception with this text.
void crash(const caf::actor& child, const std::string& text = "boom");
/// The child quits without an error.
void finish(const caf::actor& child);

}  // namespace us::test
