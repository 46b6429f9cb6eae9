#pragma once
/// The lab as scripts use it: what it prints, where, and its exit code.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace lab {

/// What became of one call of the program.
struct outcome {
  int exit_code = -1;
  std::string out;
  std::string errors;
};

inline std::string contents_of(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

class lab_check : public testing::Test {
 protected:
  lab_check() : folder_(testing::TempDir() + "lab_check_" + std::to_string(getpid()) + "_") {}
  ~lab_check() override {
    for (const auto* name : {"h.json", "out", "errors"}) std::remove((folder_ + name).c_str());
  }

  outcome run(const std::string& arguments) const {
    std::ostringstream command;
    command << LAB_PROGRAM << ' ' << arguments << " >" << folder_ << "out 2>" << folder_
            << "errors </dev/null";
    const int status = std::system(command.str().c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, contents_of(folder_ + "out"),
            contents_of(folder_ + "errors")};
  }
  std::string file(const std::string& text) const {
    std::ofstream{folder_ + "h.json", std::ios::binary} << text;
    return folder_ + "h.json";
  }
  outcome check(const std::string& text) const {
    return run("check --model register " + file(text));
  }

  std::string folder_;
};

}  // namespace lab
