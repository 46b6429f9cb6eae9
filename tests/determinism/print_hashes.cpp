// Prints "seed hash" of each run, for a comparison between builds. usage: cluster_hashes [SEEDS=50]
#include "tests/determinism/cluster_hashes.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>

int main(int argc, char** argv) {
  const auto seeds = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : us::test::hashed_seeds;
  try {
    for (unsigned long long seed = 1; seed <= seeds; ++seed)
      std::printf("%llu %016llx\n", seed,
                  static_cast<unsigned long long>(us::test::cluster_hash(seed)));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
  return seeds > 0 ? 0 : 2;
}
