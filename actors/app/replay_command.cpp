#include "actors/app/commands.hpp"
#include "actors/app/loss_list.hpp"
#include "actors/app/node_call.hpp"
#include "runtime/live/live_clock.hpp"
#include "runtime/live/live_disk.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace us {

namespace {

constexpr std::uint64_t no_bound = UINT64_MAX;  // marks are small, and one a loss

/// Marks in a journal's directory, under its lock: two that replay the same journal would
/// submit everything twice.
class replay_marks {
 public:
  status open(const std::string& directory) {
    auto locked = live_disk::open_directory(directory);
    if (!locked)
      return failure{locked.error().code, "another replay may be using it: " + locked.error().text};
    writer_.emplace(*locked, ".", loss_file_kind::replays, no_bound);
    return writer_->open();
  }
  status put(const loss_key& key, loss_state state) {
    const std::vector<std::string> entry{encode(loss_mark{key, state, wall_clock_ms()})};
    return writer_->append(entry);
  }

 private:
  std::optional<loss_writer> writer_;
};

bool wanted(const listed_loss& one, const losses_choice& choice) {
  if (one.what.kind != loss_kind::ACKNOWLEDGED || one.what.body.empty()) return false;
  if (one.copy() && !choice.copies) return false;
  switch (one.state) {
    case loss_state::LOST:
    case loss_state::REFUSED: return true;
    case loss_state::WITHOUT_EFFECT:
    case loss_state::UNCERTAIN: return choice.uncertain;
    default: return false;
  }
}

struct replay_outcome {
  loss_state state = loss_state::REPLAYING;
  std::string text;
};

replay_outcome submit(const listed_loss& one, const cluster_config& config) {
  const auto body = request_json(one);
  if (body.empty()) return {loss_state::REFUSED, "this program has no such request"};
  const std::string type = one.type->request.getShortDisplayName().cStr();
  const http_request request{"POST", "/api/v1/services/" + one.what.service + "/" + type, body};
  auto answer = call_first(nodes_to_call(config), request, call_timeout(config));
  if (!answer)
    return {answer.error().code == errc::unreachable ? loss_state::REFUSED : loss_state::REPLAYING,
            answer.error().text};
  if (answer->status == 200) return {loss_state::REPLAYED, answer->body};
  const bool certainly_not =
      answer->status == 503 || answer->status == 400 || answer->status == 404;
  return {certainly_not ? loss_state::REFUSED : loss_state::REPLAYING, answer->body};
}

/// It is noted before it is submitted, so that whatever happens then nothing is submitted twice.
result<loss_state> replay(const listed_loss& one, const cluster_config& config,
                          replay_marks& marks) {
  if (auto noted = marks.put(one.what.key, loss_state::REPLAYING); !noted) return noted.error();
  const auto outcome = submit(one, config);
  if (outcome.state != loss_state::REPLAYING)
    if (auto noted = marks.put(one.what.key, outcome.state); !noted) return noted.error();
  fmt::print("epoch {} entry {} of {}: {} ({})\n", one.what.key.epoch.value,
             one.what.key.index.value, group_name(one.what.service, one.what.partition),
             to_string(outcome.state), outcome.text);
  return outcome.state;
}

/// The losses of one data directory, under the locks of its journals.
status replay_directory(const std::string& data, const app& application,
                        const cluster_config& config, const losses_choice& choice,
                        std::size_t& replayed, std::size_t& others) {
  std::map<std::string, replay_marks> marks;
  loss_list before;
  if (auto added = add_losses(before, application, data); !added) return added;
  for (const auto& one : before.losses)
    if (!marks.contains(one.directory))
      if (auto opened = marks[one.directory].open(one.directory); !opened) return opened;
  loss_list list;  // as it is under the locks
  if (auto added = add_losses(list, application, data); !added) return added;
  for (const auto& one : list.losses) {
    if (!wanted(one, choice) || !marks.contains(one.directory)) continue;
    auto state = replay(one, config, marks[one.directory]);
    if (!state) return state.error();
    ++(*state == loss_state::REPLAYED ? replayed : others);
  }
  return done{};
}

}  // namespace

int replay_losses(const app& application, const cluster_config& config,
                  const losses_choice& choice) {
  std::size_t replayed = 0;
  std::size_t others = 0;
  for (const auto& data : choice.data) {
    auto went = replay_directory(data, application, config, choice, replayed, others);
    if (went) continue;
    std::fprintf(stderr, "%s\n", went.error().text.c_str());
    return went.error().code == errc::not_found ? exit_usage : exit_failed;
  }
  fmt::print("{} replayed, {} not\n", replayed, others);
  return others == 0 ? exit_ok : exit_failed;
}

}  // namespace us
