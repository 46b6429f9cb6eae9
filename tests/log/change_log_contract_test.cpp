#include "runtime/live/live_disk.hpp"
#include "runtime/simulation/sim_disk.hpp"
#include "tests/log/change_log_contract.hpp"

#include <filesystem>
#include <unistd.h>

namespace us::test {
namespace {

class simulated_world final : public log_world {
 public:
  result<std::unique_ptr<change_log>> open(std::shared_ptr<executor> jobs,
                                           std::shared_ptr<clock> time,
                                           log_options options) override {
    return open_segmented_log(disk_, std::move(jobs), std::move(time), "group/log", options);
  }
  void crash() override {
    access_->close();
    image_.lose_unsynced();
    access_ = std::make_shared<sim::disk_access>(image_);
    disk_ = sim::make_disk_port(access_);
  }

 private:
  sim::disk_image image_{sim::random_stream{1}};
  std::shared_ptr<sim::disk_access> access_ = std::make_shared<sim::disk_access>(image_);
  std::shared_ptr<disk> disk_ = sim::make_disk_port(access_);
};

/// Real files. A crash is that of the process only.
class live_world final : public log_world {
 public:
  live_world() {
    auto path = std::filesystem::temp_directory_path() / "understudy-log-XXXXXX";
    directory_ = path.string();
    if (::mkdtemp(directory_.data()) == nullptr) throw std::runtime_error{"no temporary directory"};
    auto opened = live_disk::open_directory(directory_);
    if (!opened) throw std::runtime_error{opened.error().text};
    disk_ = std::move(*opened);
  }
  ~live_world() override {
    disk_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  result<std::unique_ptr<change_log>> open(std::shared_ptr<executor> jobs,
                                           std::shared_ptr<clock> time,
                                           log_options options) override {
    return open_segmented_log(disk_, std::move(jobs), std::move(time), "group/log", options);
  }

 private:
  std::string directory_;
  std::shared_ptr<live_disk> disk_;
};

INSTANTIATE_TEST_SUITE_P(
    Segmented, ChangeLog,
    testing::Values(world_kind{"OnASimulatedDisk",
                               [] { return std::make_unique<simulated_world>(); }},
                    world_kind{"OnALiveDisk", [] { return std::make_unique<live_world>(); }}),
    [](const auto& about) { return about.param.name; });

}  // namespace
}  // namespace us::test
