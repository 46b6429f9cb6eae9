// The program as scripts use it: what it prints, where, and its exit code, for good, bad and
// hostile files.
#include "tests/lab/lab_program.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>

namespace lab {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::string good =
    R"({"process":0,"type":"invoke","f":"write","key":"x","value":3,"time_ns":1}
{"process":0,"type":"ok","f":"write","key":"x","value":3,"time_ns":2}
{"process":1,"type":"invoke","f":"read","key":"x","value":null,"time_ns":3}
{"process":1,"type":"ok","f":"read","key":"x","value":3,"time_ns":4}
)";
const std::string bad = R"({"process":0,"type":"invoke","f":"write","key":"x","value":3}
{"process":0,"type":"ok","f":"write","key":"x","value":3}
{"process":1,"type":"invoke","f":"read","key":"x","value":null}
{"process":1,"type":"ok","f":"read","key":"x","value":null}
)";

TEST_F(lab_check, SaysTrueAndExitsWith0) {
  const auto ran = check(good);
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.out, "linearizable: true\n");
  EXPECT_EQ(ran.errors, "");
}

TEST_F(lab_check, SaysFalseExitsWith1AndExplains) {
  const auto ran = check(bad);
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_EQ(ran.out, "linearizable: false\n");
  EXPECT_THAT(ran.errors, HasSubstr("key \"x\""));
  EXPECT_THAT(ran.errors, HasSubstr("process 1, lines 3-4: read() -> null"));
}

std::vector<std::string> hostile_files() {
  const std::string invoke = R"({"process":0,"type":"invoke","f":"read"})";
  std::vector<std::string> files(8);  // the first is empty
  files[1] = "\n";
  files[2] = "{";
  files[3] = good.substr(0, good.size() - 20);
  files[4].assign(3, '\0');
  files[5] = "\xff\xfe";
  files[6].assign(1 << 20, '[');
  files[7].assign(1 << 20, '{');
  files.push_back(invoke);
  files.back().append("\n").append(invoke);
  files.push_back("[");
  files.back().append(invoke).append("]");
  files.emplace_back(R"({"process":1e999,"type":"invoke","f":"read"})");
  files.emplace_back(R"({"process":99999999999999999999,"type":"invoke","f":"read"})");
  files.emplace_back(R"({"process":0,"type":"ok","f":"read","value":1})");
  files.emplace_back(R"({"process":0,"type":"invoke","f":"drop"})");
  files.emplace_back(R"({"process":0,"type":"invoke","f":"cas","value":[[],[]]})");
  return files;
}

TEST_F(lab_check, RefusesHostileFilesWithOneLineAndExitsWith2) {
  for (const auto& text : hostile_files()) {
    const auto ran = check(text);
    EXPECT_EQ(ran.exit_code, 2) << text.substr(0, 80);
    EXPECT_EQ(ran.out, "");
    EXPECT_THAT(ran.errors, StartsWith(folder_ + "h.json:"));
    EXPECT_EQ(std::count(ran.errors.begin(), ran.errors.end(), '\n'), 1) << ran.errors;
  }
}

TEST_F(lab_check, SurvivesRandomDamage) {
  std::mt19937 random{17};
  for (int round = 0; round < 60; ++round) {
    auto text = round % 2 == 0 ? good : bad;
    for (int changes = 0; changes < 3; ++changes)
      text[random() % text.size()] = static_cast<char>(random() % 256);
    const auto ran = check(text);
    EXPECT_TRUE(ran.exit_code >= 0 && ran.exit_code <= 2) << ran.exit_code << "\n" << text;
  }
}

TEST_F(lab_check, RefusesAMissingFileADirectoryAndAWrongCommandLine) {
  EXPECT_EQ(run("check --model register /nonexistent/h").errors,
            "/nonexistent/h: cannot be opened for reading\n");
  for (const std::string arguments :
       {"check --model register /nonexistent/h", "check --model register /",
        "check --model stack h", "check", "", "chekc", "check --model kv --memory 0 h",
        "check --model kv --format xml h"})
    EXPECT_EQ(run(arguments).exit_code, 2) << arguments;
}

TEST_F(lab_check, ReadsPorcupinesFormatAndDecidesAsTheNamesSay) {
  const std::string folder =
      std::string{std::getenv("UNDERSTUDY_SOURCE_DIR")} + "/tests/data/porcupine-kv/";
  for (const std::string name : {"c01-ok", "c01-bad", "c10-ok", "c10-bad", "c50-ok"}) {
    const auto ran = run("check --model kv --format porcupine " + folder + name + ".txt");
    EXPECT_EQ(ran.exit_code, name.ends_with("ok") ? 0 : 1) << name << ran.errors;
  }
}

TEST_F(lab_check, TeachesItsUse) {
  const auto help = run("--help");
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("check"));
  const auto more = run("check --help");
  EXPECT_EQ(more.exit_code, 0);
  EXPECT_THAT(more.out, HasSubstr("--model"));
  EXPECT_THAT(more.out, HasSubstr("3 undecided"));
}

}  // namespace
}  // namespace lab
