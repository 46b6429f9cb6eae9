#pragma once
/// Makes the states of replicas: in memory, or on a disk (runtime/rocks).
///
/// Each state on a disk has a directory of its own below the replica's `records` directory, named
/// by its number. It counts only once a snapshot names it (store_name), so one that was being
/// filled when its process died is never taken for whole: it is deleted at the next opening.
/// Everything here blocks: for jobs of the executor and for opening.

#include "runtime/ports/disk.hpp"
#include "runtime/state/state.hpp"
#include "runtime/state/stored_records.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace us {

/// Where a replica keeps records.
struct record_place {
  std::shared_ptr<disk> where;
  std::string directory;
};

class state_engine {
 public:
  virtual ~state_engine() = default;
  virtual std::string_view name() const = 0;
  /// An empty state. `number`: one that no other had in this place, not 0.
  virtual result<std::unique_ptr<state>> make(const record_place& in,
                                              std::uint64_t number) const = 0;
  /// The state that a snapshot names. Errors: invalid_config: another engine has it; not_found;
  /// corrupted; newer_format; what the disk reports.
  virtual result<std::unique_ptr<state>> open(const record_place& in,
                                              const store_name& named) const = 0;
};
using engine_ptr = std::shared_ptr<const state_engine>;

engine_ptr memory_engine();

/// Of the state with this number: where an engine keeps it.
std::string directory_of(const record_place& in, std::uint64_t number);
/// Deletes every state in a place but that with the number `kept`; 0: all of them.
status remove_states_but(const record_place& in, std::uint64_t kept);
/// The text of open() for a state that another engine has.
failure of_another_engine(const record_place& in, const store_name& named, std::string_view asked);

}  // namespace us
