// The candidate must keep the same contract before it is measured.
#include "tests/bench/log/rocks_log.hpp"
#include "tests/log/change_log_contract.hpp"

#include <filesystem>
#include <unistd.h>

namespace us::test {
namespace {

/// A crash is that of the process only.
class rocks_world final : public log_world {
 public:
  rocks_world() {
    auto path = std::filesystem::temp_directory_path() / "understudy-rocks-XXXXXX";
    directory_ = path.string();
    if (::mkdtemp(directory_.data()) == nullptr) throw std::runtime_error{"no temporary directory"};
  }
  ~rocks_world() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  result<std::unique_ptr<change_log>> open(std::shared_ptr<executor> jobs, std::shared_ptr<clock>,
                                           log_options options) override {
    return bench::open_rocks_log(directory_, std::move(jobs), options);
  }

 private:
  std::string directory_;
};

INSTANTIATE_TEST_SUITE_P(RocksDb, ChangeLog,
                         testing::Values(world_kind{
                             "Candidate", [] { return std::make_unique<rocks_world>(); }, false}),
                         [](const auto& about) { return about.param.name; });

}  // namespace
}  // namespace us::test
