#pragma once
/// Sees what replicas cut from their logs, and holds their loss journals against it, entry for
/// entry: every request that was cut is in exactly one record, and no record is of an entry that
/// was neither cut nor found again in the log of another leader.
///
/// Sees a replica's uncommitted tail after every event. An entry that is neither there nor
/// committed any more was cut; if the store was opened meanwhile, it may be that the disk had not
/// got it: then it may be noted, and need not be. Only for runs in which no disk is lost.

#include "actors/leader_follower/store.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace us::test {

class cut_observer {
 public:
  /// To be called after every event of the replica. `name`: of its node, and of its group if there
  /// is more than one.
  void look(const std::string& name, const replica_store& store);
  /// How many entries with requests of clients were cut, by all.
  std::size_t cut() const;
  /// What the journal in `directory` does wrong; nullopt: nothing.
  std::optional<std::string> check(const std::string& name, disk& where,
                                   const std::string& directory) const;

 private:
  using entry_id = std::pair<epoch, log_index>;
  /// What an entry did for clients.
  struct content {
    std::set<std::string> keys;            ///< that it changed; none: nothing for a client
    std::set<std::uint32_t> acknowledged;  ///< requests that may have been answered early
  };
  struct replica {
    time_point opened{};
    std::map<log_index, log_entry> tail;
    std::map<entry_id, content> cut;
    std::set<entry_id> not_on_disk;
  };

  static content content_of(const log_entry& entry);
  static bool is_same(const replica& before, const replica_store& store);

  std::map<std::string, replica> replicas_;
};

}  // namespace us::test
