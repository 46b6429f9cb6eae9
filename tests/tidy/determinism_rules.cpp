#include "tests/tidy/determinism_rules.hpp"

#include <regex>
#include <string_view>

namespace us::tidy {

namespace {

struct rule {
  std::string_view hint;  ///< in every line that the pattern matches: most lines need no more
  std::regex pattern;
  std::string_view what;
  bool in_literals = false;
};

const std::vector<rule>& rules() {
  using std::regex;
  static const std::vector<rule> all{
      {"_clock", regex{R"(\b(steady|system|high_resolution|utc|file)_clock\s*::\s*now\b)"},
       "real time: ask the clock port"},
      {"clock", regex{R"(\b(clock_gettime|timespec_get|std::clock)\s*\()"},
       "real time: ask the clock port"},
      {"time",
       regex{
           R"((^|[^\w.>])(std::|::)?(time|gettimeofday|localtime_r?|mktime)\s*\((nullptr|NULL|0|&))"},
       "real time: ask the clock port"},
      {"rdtsc", regex{R"(\b\w*rdtscp?\b)"}, "real time: ask the clock port"},
      {"random", regex{R"(\b(random_device|getrandom|arc4random\w*))"},
       "real chance: ask the random port"},
      {"rand", regex{R"((^|[^\w.>])(std::)?[dl]?rand(48|_r)?\s*\()"},
       "real chance: ask the random port"},
      {"getentropy", regex{R"(\bgetentropy\s*\()"}, "real chance: ask the random port"},
      {"id", regex{R"(\b(getpid|getppid|gettid|pthread_self)\s*\(|this_thread\s*::\s*get_id)"},
       "a process or thread id differs in every run"},
      {"hash<", regex{R"(\bhash<[^<>]*\*\s*>)"}, "an address differs in every run"},
      {"intptr_t", regex{R"(\bu?intptr_t\b)"}, "an address differs in every run"},
      {"<", regex{R"(\b(unordered_)?(multi)?(map|set)<[^,<>]*\*\s*[,>])"},
       "ordered by address: iteration differs in every run"},
      {"<", regex{R"(\b(unordered_)?(multi)?(map|set)<(std::)?(shared|unique)_ptr<)"},
       "ordered by address: iteration differs in every run"},
      {"%p", regex{R"(%p\b)"}, "an address differs in every run", true},
  };
  return all;
}

}  // namespace

std::vector<std::string> nondeterminism_in(const source_file& file) {
  std::vector<std::string> found;
  for (const auto& each : rules())
    each_line(each.in_literals ? file.text : file.code,
              [&](std::string_view line, std::size_t number) {
                if (line.find(each.hint) == std::string_view::npos) return;
                if (std::regex_search(line.begin(), line.end(), each.pattern))
                  found.push_back(place(file, number) + ": " + std::string{each.what});
              });
  return found;
}

}  // namespace us::tidy
