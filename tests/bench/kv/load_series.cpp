#include "tests/bench/kv/load_series.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>

namespace us::bench {

namespace {

std::string name_of(const load_options& how) {
  const auto what = how.read ? std::string{"GET"} : "SET " + std::to_string(how.value_bytes) + " B";
  const auto deep = how.pipeline > 1 ? ", " + std::to_string(how.pipeline) + " deep" : "";
  const auto noun = how.connections == 1 ? " client" : " clients";
  return what + ", " + std::to_string(how.connections) + noun + deep;
}

}  // namespace

void measure(const std::string& what, const load_options& how, int runs, const load_runner& run) {
  std::vector<load_result> results;
  for (int i = 0; i < std::max(runs, 1); ++i) results.push_back(run(how));
  std::sort(results.begin(), results.end(),
            [](const auto& x, const auto& y) { return x.per_second < y.per_second; });
  const auto& m = results[results.size() / 2];
  std::printf(
      "%-44s %8.0f /s  (min %.0f max %.0f)  p50 %.0f us  p99 %.0f us  load %.2f cores  "
      "errors %llu %s\n",
      what.c_str(), m.per_second, results.front().per_second, results.back().per_second, m.p50_us,
      m.p99_us, m.cores, static_cast<unsigned long long>(m.errors), m.first_error.c_str());
  std::fflush(stdout);
}

void measure_series(load_options how, int runs, const load_runner& run) {
  const auto each = [&](std::initializer_list<const char*> shapes) {
    for (const auto* shape : shapes) {
      const auto name = take_shape(shape, how);
      measure(name, how, runs, run);
    }
  };
  each({"1", "16", "64", "256", "50x16"});
  how.read = true;
  how.wait = false;
  each({"50", "50x16"});
}

std::string take_shape(const std::string& text, load_options& how) {
  char* end = nullptr;
  how.connections = std::max<std::size_t>(std::strtoul(text.c_str(), &end, 10), 1);
  how.pipeline = *end == 'x' ? std::max<std::size_t>(std::strtoul(end + 1, nullptr, 10), 1) : 1;
  return name_of(how);
}

}  // namespace us::bench
