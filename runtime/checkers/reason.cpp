#include "runtime/checkers/reason.hpp"

#include "runtime/checkers/frontier_search.hpp"
#include "runtime/checkers/wing_gong_search.hpp"

#include <algorithm>
#include <unordered_set>

namespace us {

namespace {

search_limits bounded_effort(std::size_t questions) {
  search_limits limits;
  limits.memory_bytes = std::size_t{128} << 20u;
  limits.stop = [left = questions]() mutable {
    if (left > 0) --left;
    return left == 0;
  };
  return limits;
}

/// The operations that end, in the order of their ends.
std::vector<std::size_t> by_end(const history& h, const std::vector<std::size_t>& subset) {
  std::vector<std::size_t> ending;
  for (const auto index : subset)
    if (h[index].ended != operation::never) ending.push_back(index);
  std::ranges::sort(ending, {}, [&](std::size_t index) { return h[index].ended; });
  return ending;
}

bool fails_until(const history& h, const std::vector<std::size_t>& subset, object_model model,
                 std::size_t until, const search_limits& limits) {
  const auto states = make_object_states(h, subset, model, until);
  return search_frontier(*states, limits).verdict == verdict::not_linearizable;
}

/// The first operation whose end makes the history not linearizable; a later one if that takes too
/// much. Until `blocked` ends there were candidates, so it is no earlier than that, and mostly not
/// much later.
std::size_t first_failing(const history& h, const std::vector<std::size_t>& subset,
                          object_model model, std::size_t blocked) {
  const auto limits = bounded_effort(8192);
  const auto ending = by_end(h, subset);
  const auto fails = [&](std::size_t count) {
    return fails_until(h, subset, model, h[ending[count - 1]].ended + 1, limits);
  };
  // Of `good` ends, the history is linearizable or not decided; of `bad`, it is not.
  auto good = static_cast<std::size_t>(std::ranges::find(ending, blocked) - ending.begin());
  auto bad = ending.size();
  for (std::size_t step = 1; good + step < bad; step *= 2)
    (fails(good + step) ? bad : good) = good + step;
  while (bad - good > 1) {
    const auto middle = good + (bad - good) / 2;
    (fails(middle) ? bad : good) = middle;
  }
  return ending[bad - 1];
}

/// What can be placed by somebody who stops listening at `until`.
std::vector<std::size_t> seen_until(const history& h, const std::vector<std::size_t>& subset,
                                    std::size_t until) {
  std::vector<std::size_t> seen;
  for (const auto index : subset) {
    const auto& o = h[index];
    const bool answered = o.ended < until;
    const bool changes = o.f != "read" && o.f != "get" && o.outcome != operation_outcome::failed;
    if (o.begun < until && (answered || changes)) seen.push_back(index);
  }
  return seen;
}

template <class Model>
std::vector<std::size_t> order_until(const history& h, const std::vector<std::size_t>& subset,
                                     std::size_t until) {
  const auto seen = seen_until(h, subset, until);
  const Model model;
  const auto limits = bounded_effort(2048);
  auto found = wing_gong_search<Model>{h, seen, model, limits, until}.run();
  return std::move(found.linearized);
}

}  // namespace

search_result find_reason(const history& h, const std::vector<std::size_t>& subset,
                          object_model model, std::size_t blocked) {
  search_result result;
  result.verdict = verdict::not_linearizable;
  result.blocked = first_failing(h, subset, model, blocked);
  const auto until = h[result.blocked].ended;
  result.linearized = model == object_model::cas_register
                          ? order_until<register_model>(h, subset, until)
                          : order_until<kv_model>(h, subset, until);
  const std::unordered_set<std::size_t> placed(result.linearized.begin(), result.linearized.end());
  for (const auto index : subset)
    if (h[index].begun < until && !placed.contains(index)) result.unplaced.push_back(index);
  return result;
}

}  // namespace us
