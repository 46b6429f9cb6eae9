#include "runtime/log/segmented_log.hpp"

namespace us {

result<std::unique_ptr<change_log>> open_segmented_log(std::shared_ptr<disk> where,
                                                       std::shared_ptr<executor> jobs,
                                                       std::shared_ptr<clock> time,
                                                       std::string directory,
                                                       log_options options) {
  // From here on no job of a former log of this directory touches it.
  auto files = own_directory(std::move(where), std::move(directory));
  if (auto made = make_log_directory(*files->where, files->directory); !made) return made.error();
  auto found = scan_log(*files->where, files->directory);
  if (!found) return found.error();
  if (auto repaired = repair_log(*files->where, files->directory, *found); !repaired)
    return repaired.error();
  auto log = std::make_unique<segmented_log>(std::move(files), std::move(jobs), std::move(time),
                                             options);
  if (auto started = log->start(std::move(*found)); !started) return started.error();
  return std::unique_ptr<change_log>{std::move(log)};
}

}  // namespace us
