// Inputs that once crashed a fuzz target, and its seeds, each whole and cut: in every build, also where
// clang is missing.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace us::fuzz {
namespace {

using input = std::vector<std::uint8_t>;

std::vector<input> inputs_in(const std::filesystem::path& directory) {
  std::vector<input> found;
  if (!std::filesystem::is_directory(directory)) return found;
  for (const auto& each : std::filesystem::directory_iterator{directory}) {
    std::ifstream file{each.path(), std::ios::binary};
    found.emplace_back(std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{});
  }
  return found;
}

std::filesystem::path directory_from(const char* variable) {
  const char* value = std::getenv(variable);
  return value == nullptr ? "" : value;
}

TEST(FuzzReplay, ReadsEveryFormerCrash) {
  for (const auto& each : inputs_in(directory_from("FUZZ_REGRESSIONS")))
    LLVMFuzzerTestOneInput(each.data(), each.size());
}

TEST(FuzzReplay, ReadsTheSeedsWholeAndCut) {
  const auto seeds = inputs_in(directory_from("FUZZ_SEEDS"));
  EXPECT_FALSE(seeds.empty());
  for (const auto& each : seeds)
    for (std::size_t size = 0; size <= each.size(); ++size)
      LLVMFuzzerTestOneInput(each.data(), size);
}

TEST(FuzzReplay, ReadsTheSeedsWithEachByteDamaged) {
  for (auto each : inputs_in(directory_from("FUZZ_SEEDS")))
    for (auto& byte : each)
      for (unsigned change : {0x01u, 0x80u, 0xffu}) {
        byte = static_cast<std::uint8_t>(byte ^ change);
        LLVMFuzzerTestOneInput(each.data(), each.size());
        byte = static_cast<std::uint8_t>(byte ^ change);
      }
}

}  // namespace
}  // namespace us::fuzz
