// lab simulate: what it prints, draws and writes, and what it refuses.
#include "tests/lab/lab_program.hpp"

#include <gmock/gmock.h>

namespace lab {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class lab_simulate : public lab_check {
 protected:
  ~lab_simulate() override {
    for (const auto* name : {"t.html", "h.jsonl"}) std::remove((folder_ + name).c_str());
  }
  outcome simulate(const std::string& config, const std::string& arguments) const {
    return run("simulate --config " + file(config) + " " + arguments);
  }
};

const std::string small = R"([simulation]
nodes = 3
clients = 5
requests_per_second = 50
[generate]
intensity = "rough"
length = "2s"
)";

TEST_F(lab_simulate, SweepsSeedsAndSumsUp) {
  const auto ended = simulate(small, "--seeds 3 --jobs 2");
  EXPECT_EQ(ended.exit_code, 0) << ended.out << ended.errors;
  EXPECT_THAT(ended.out, HasSubstr("seeds         1 to 3 on 2 threads, 0 failed"));
  EXPECT_THAT(ended.out, HasSubstr("% answered"));
  EXPECT_THAT(ended.errors, HasSubstr("3 of 3 seeds, 0 failed"));
}

TEST_F(lab_simulate, HoldsWithPartitions) {
  auto config = small;
  config.insert(config.find("clients"), "partitions = 4\n");
  const auto ended = simulate(config, "--seeds 4 --jobs 2");
  EXPECT_EQ(ended.exit_code, 0) << ended.out << ended.errors;
  EXPECT_THAT(ended.out, HasSubstr("seeds         1 to 4 on 2 threads, 0 failed"));
}

TEST_F(lab_simulate, GivesTheSameRunForTheSameSeed) {
  const auto hash = [&](const std::string& seed) {
    const auto ended = simulate(small, "--seed " + seed);
    EXPECT_EQ(ended.exit_code, 0) << ended.out << ended.errors;
    const auto at = ended.out.find("trace hash ");
    return at == std::string::npos ? ended.out : ended.out.substr(at, 27);
  };
  const auto first = hash("7");
  EXPECT_EQ(first, hash("7"));
  EXPECT_NE(first, hash("8"));
}

TEST_F(lab_simulate, DrawsARunAndWritesWhatItsClientsSaw) {
  const auto page = folder_ + "t.html", history = folder_ + "h.jsonl";
  const auto ended = simulate(small, "--seed 7 --trace " + page + " --history " + history);
  ASSERT_EQ(ended.exit_code, 0) << ended.out << ended.errors;
  EXPECT_THAT(contents_of(page), StartsWith("<!doctype html>"));
  EXPECT_THAT(contents_of(page), HasSubstr("\"leader\""));
  const auto checked = run("check --model register " + history);
  EXPECT_EQ(checked.exit_code, 0) << checked.errors;
  EXPECT_THAT(checked.out, StartsWith("linearizable: true"));
}

TEST_F(lab_simulate, RefusesWhatItCannotReadInOneLine) {
  const auto refused = [&](const std::string& config, const std::string& says) {
    const auto ended = simulate(config, "--seeds 1");
    EXPECT_EQ(ended.exit_code, 2) << config;
    EXPECT_THAT(ended.errors, HasSubstr(says));
    EXPECT_EQ(std::count(ended.errors.begin(), ended.errors.end(), '\n'), 1) << ended.errors;
  };
  refused("[simulation]\nnods = 3\n", "h.json:2: simulation.nods");
  refused("[simulation]\nnodes = 0\n", "h.json:2: simulation.nodes");
  refused("[generate]\nintensity = \"wild\"\nlength = \"1s\"\n", "h.json:2: generate.intensity");
  refused("[simulation\n", "h.json:1");
  const auto missing = run("simulate --config /does/not/exist");
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.errors, HasSubstr("/does/not/exist"));
}

TEST_F(lab_simulate, RefusesAPlanThatNamesNoNodeOfTheCluster) {
  const auto ended = simulate(
      "[[fault]]\nat = \"1s\"\nlasts = \"1s\"\nkind = \"crash\"\nnodes = [\"z\"]\n", "--seed 1");
  EXPECT_NE(ended.exit_code, 0);
  EXPECT_THAT(ended.out + ended.errors, HasSubstr("there is no node z"));
}

TEST_F(lab_simulate, NeedsASeedToDraw) {
  EXPECT_EQ(run("simulate --trace x.html").exit_code, 2);
}

}  // namespace
}  // namespace lab
