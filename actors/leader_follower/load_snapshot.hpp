#pragma once
/// Finds the snapshot that a replica starts from, and makes its state of it. Blocking: for opening.
///
/// What is there is tried from the newest on. First those that name records which lie on the disk
/// by themselves: they are opened as they are. Then those that have their records, which are
/// loaded. One that is found damaged twice is set aside. Records that are lost, damaged or another
/// engine's leave their snapshots out, and are deleted only once the replica is open (clean_up).
///
/// Errors: corrupted, invalid_config, newer_format: nothing that is there gives back what the log
/// no longer has; what the disk reports.

#include "actors/leader_follower/epoch_history.hpp"
#include "actors/leader_follower/membership.hpp"
#include "actors/leader_follower/session_table.hpp"
#include "actors/leader_follower/transfer_rules.hpp"
#include "runtime/log/log_files.hpp"
#include "runtime/node/context.hpp"
#include "runtime/state/state_engine.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace us {

/// A snapshot that the replica goes on from.
struct loaded_snapshot {
  snapshot_info info;
  std::unique_ptr<us::state> state;
  session_table sessions;
  epoch_history epochs;
  configuration members;
  rules::snapshot_use use = rules::snapshot_use::none;
};

class snapshot_loader {
 public:
  snapshot_loader(const ports& with, const log_files& files, const change_log& log,
                  const state_engine& engine, record_place records)
      : with_(with), files_(files), log_(log), engine_(engine), records_(std::move(records)) {}

  /// nullopt: there is none, and the log begins with the first entry.
  result<std::optional<loaded_snapshot>> run();
  /// Those that may be used, the newest first; the one that was loaded among them.
  std::vector<snapshot_info> usable();
  /// Deletes what nothing needs any more: snapshots, and all states but `kept`.
  status clean_up(us::state& kept);

 private:
  status look(const snapshot_name& name);
  result<bool> load(const snapshot_name& name);
  result<bool> take(loaded_snapshot&& found);
  result<std::unique_ptr<us::state>> state_of(const snapshot_info& info);
  status contradiction(const snapshot_info& info, const us::state& records) const;
  status found_again(const failure& damage, const std::string& path, bool loads) const;
  status set_aside(const std::string& path);

  const ports& with_;
  const log_files& files_;
  const change_log& log_;
  const state_engine& engine_;
  record_place records_;
  std::optional<loaded_snapshot> newest_;
  std::vector<snapshot_info> usable_;
  std::vector<std::string> needless_;
  std::optional<failure> unusable_;  ///< why the newest that has no records could not be used
};

}  // namespace us
