#pragma once
/// The other candidate for the change log, kept to be measured: entries in RocksDB.
///
/// An entry's key is its index, big endian, so that they are stored in order; its value is
/// epoch, commit and bytes. What is pending is one WriteBatch; a group is one Write() with a
/// synced WAL, one in flight. WAL files are recycled, so that they overwrite space they have.

#include "runtime/log/change_log.hpp"

namespace us::bench {

result<std::unique_ptr<change_log>> open_rocks_log(const std::string& path,
                                                   std::shared_ptr<executor> jobs,
                                                   log_options options);

}  // namespace us::bench
