#pragma once
/// The loss journals of some data directories together, each loss once a journal, with what became
/// of it.

#include "actors/app/app.hpp"
#include "runtime/loss/loss_files.hpp"

#include <map>
#include <string>
#include <vector>

namespace us {

struct listed_loss {
  std::string directory;  ///< of the journal
  loss what;
  loss_state state = loss_state::LOST;
  const service::request_type* type =
      nullptr;  ///< null: the program has no such request, or none is kept

  /// The node that executed it notes it, too, unless its disk is lost.
  bool copy() const { return !what.from.empty() && what.from != what.node; }
};

struct loss_list {
  std::vector<listed_loss> losses;  ///< by journal, then in the order of execution
  std::uint64_t dropped = 0;
  std::uint64_t unreadable = 0;  ///< bytes
};

/// Reads the journals of the program's services in a data directory into `list`. not_found: there
/// is no such directory; newer_format; what the disk reports.
status add_losses(loss_list& list, const app& application, const std::string& data);

/// The request as JSON, for a person or to be submitted again; empty when the program cannot read
/// it.
std::string request_json(const listed_loss& from);

}  // namespace us
