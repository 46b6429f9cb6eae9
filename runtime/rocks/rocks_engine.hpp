#pragma once
/// The engine that keeps records in RocksDB: states larger than memory, and restarts that load
/// nothing.
///
/// The change log is the truth, so RocksDB has no write-ahead log here: what it holds on the disk
/// is what the state was after one entry, written out only once the log has synced that entry. A
/// restart applies the entries after it.
/// Errors of make and open: not_found; corrupted: RocksDB's, or found twice while the records were
/// used;
/// newer_format; disk_full, io_failed.

#include "runtime/state/state_engine.hpp"

#include <cstddef>

namespace us {

struct rocks_limits {
  std::size_t memtable_bytes = 32u << 20;  ///< changes in memory before they are written out
  std::size_t cache_bytes =
      64u << 20;  ///< of blocks read, with filters; of all states of one engine
};

/// All states of one engine share its cache. Needs a disk whose files a library can open by
/// themselves (disk::real_path); elsewhere nothing can be made: invalid_config.
engine_ptr rocks_engine(const rocks_limits& limits = {});

}  // namespace us
