#include "runtime/log/segmented_log.hpp"

#include <algorithm>

namespace us {

namespace {

bool same_content(const recovered_log& one, const recovered_log& other) {
  const auto same = [](const recovered_segment& a, const recovered_segment& b) {
    return a.name.text() == b.name.text() && a.content.end == b.content.end;
  };
  return one.epochs.last() == other.epochs.last() && one.vote.epoch == other.vote.epoch &&
         std::ranges::equal(one.segments, other.segments, same);
}

/// What a crash or a power loss may have left ends where the first bad record is: one that was only
/// read badly must not cut it.
result<recovered_log> scan(const log_files& files, unsynced_tail left) {
  auto found = scan_log(*files.where, files.directory, left);
  if (!found || (left != unsynced_tail::lost && !found->torn)) return found;
  auto again = scan_log(*files.where, files.directory, left);
  if (again && !same_content(*found, *again))
    return failure{errc::io_failed, files.directory + ": reads differ from each other"};
  return again;
}

}  // namespace

result<std::unique_ptr<change_log>> open_segmented_log(std::shared_ptr<disk> where,
                                                       std::shared_ptr<executor> jobs,
                                                       std::shared_ptr<clock> time,
                                                       std::string directory, log_options options) {
  // From here on no job of a former log of this directory touches it.
  auto files = own_directory(std::move(where), std::move(directory));
  if (auto made = make_log_directory(*files->where, files->directory); !made) return made.error();
  auto found = scan(*files, options.left);
  if (!found) return found.error();
  if (auto repaired = repair_log(*files->where, files->directory, *found, options.left); !repaired)
    return repaired.error();
  auto log =
      std::make_unique<segmented_log>(std::move(files), std::move(jobs), std::move(time), options);
  if (auto started = log->start(std::move(*found)); !started) return started.error();
  return std::unique_ptr<change_log>{std::move(log)};
}

}  // namespace us
