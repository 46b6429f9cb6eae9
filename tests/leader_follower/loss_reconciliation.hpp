#pragma once
/// Holds what loss journals say against what clients were told and what is there in the end.

#include "runtime/loss/loss_files.hpp"
#include "tests/leader_follower/list_history.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace us::test {

using final_lists = std::map<std::string, std::vector<std::uint64_t>>;

/// A loss of the lists service.
struct noted_loss {
  loss_key key;
  loss_kind kind = loss_kind::ACKNOWLEDGED;
  loss_state state = loss_state::LOST;
  std::string list;
  std::uint64_t item = 0;  ///< of an acknowledged one
};

/// Each loss once, with what became of it.
result<std::vector<noted_loss>> read_noted_losses(disk& where, const std::string& directory);

/// nullopt, or what is wrong. Every item that was acknowledged is there, or is lost by some
/// journal, and then may have been answered before a majority had it. What is lost by a journal is
/// not there, what it says survived or was executed again is. Nothing is there twice, or though
/// rejected. `power_lost`: too many replicas for what was asked lost power at once, with entries
/// that were not synced: what was acknowledged may be lost beyond any journal.
std::optional<std::string> reconcile_losses(
    const list_history& told, const final_lists& there,
    const std::map<std::string, std::vector<noted_loss>>& journals, bool power_lost = false);

}  // namespace us::test
