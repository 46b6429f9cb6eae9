#include "apps/kv/placing.hpp"

#include "apps/kv/call.hpp"
#include "apps/kv/numbers.hpp"
#include "runtime/service/service.hpp"
#include "runtime/state/state.hpp"

#include <algorithm>
#include <atomic>

namespace kv {

namespace {

using replies = std::vector<Answer::Reader>;

/// An error of one partition is the command's.
bool take_error(const replies& each, Answer::Builder into) {
  const auto failed =
      std::ranges::find_if(each, [](Answer::Reader reply) { return reply.isError(); });
  if (failed == each.end()) return false;
  into.setError(failed->getError());
  return true;
}

void add_up(const replies& each, Answer::Builder into) {
  if (take_error(each, into)) return;
  std::int64_t sum = 0;
  for (auto reply : each) sum += reply.getInteger();
  into.setInteger(sum);
}

void all_ok(const replies& each, Answer::Builder into) {
  if (!take_error(each, into)) into.setOk();
}

void one_of(const replies& each, Answer::Builder into) {
  static std::atomic<std::size_t> turns{0};
  if (take_error(each, into)) return;
  const auto turn = turns.fetch_add(1, std::memory_order_relaxed);
  for (std::size_t i = 0; i < each.size(); ++i)
    if (const auto reply = each[(turn + i) % each.size()]; reply.isBulk())
      return into.setBulk(reply.getBulk());
  into.setNil();
}

void join(const replies& each, Answer::Builder into) {
  if (take_error(each, into)) return;
  unsigned count = 0;
  std::size_t bytes = 0;
  for (auto reply : each) {
    count += reply.getArray().size();
    for (auto key : reply.getArray()) bytes += key.getBulk().size() + 24;
  }
  if (bytes > limits::answer_bytes) return into.setError(text::answer_too_long);
  auto all = into.initArray(count);
  unsigned at = 0;
  for (auto reply : each)
    for (auto key : reply.getArray()) all[at++].setBulk(key.getBulk());
}

us::request_place place_of_scan(std::span<const std::string_view> arguments,
                                std::uint32_t partitions) {
  const auto cursor = parse_cursor(arguments[1]);
  const auto partition = cursor.value_or(0) / us::state::slots;
  // Beyond the last, or no cursor at all: the first one says so.
  return {.partition = partition < partitions ? static_cast<std::uint32_t>(partition) : 0};
}

us::request_place place_of_keyless(const command& what, std::span<const std::string_view> arguments,
                                   std::uint32_t partitions) {
  if (what.name == "scan") return place_of_scan(arguments, partitions);
  if (what.name == "dbsize") return us::everywhere<Answer>(add_up);
  if (what.name == "randomkey") return us::everywhere<Answer>(one_of);
  if (what.name == "keys") return us::everywhere<Answer>(join);
  return us::everywhere<Answer>(all_ok);
}

}  // namespace

std::string_view placed_part(std::string_view key) {
  const auto open = key.find('{');
  if (open == std::string_view::npos) return key;
  const auto close = key.find('}', open + 1);
  if (close == std::string_view::npos || close == open + 1) return key;
  return key.substr(open + 1, close - open - 1);
}

us::request_place place_of(std::span<const std::string_view> arguments, std::uint32_t partitions) {
  const auto* what = arguments.empty() ? nullptr : find_command(arguments[0]);
  // What is wrong with it is said by whoever executes it: any partition.
  if (what == nullptr || what->run == nullptr || !what->takes(arguments.size())) return {};
  if (what->first_key == 0) return place_of_keyless(*what, arguments, partitions);
  const auto count = static_cast<int>(arguments.size());
  const int last = what->last_key < 0 ? count + what->last_key : what->last_key;
  std::vector<std::string_view> keys;
  for (int i = what->first_key; i <= last && i < count; i += what->key_step)
    keys.push_back(placed_part(arguments[static_cast<std::size_t>(i)]));
  return us::place_of_keys(keys, partitions);
}

}  // namespace kv
