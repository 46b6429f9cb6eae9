#include "actors/app/group_requests.hpp"

#include "actors/app/admin_actor.hpp"
#include "actors/app/admin_answers.hpp"
#include "actors/app/json.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <chrono>
#include <future>

namespace us {

namespace {

using std::chrono::milliseconds;

change_outcome silent() {
  return {change_outcome::kind::unknown,
          "the node ended or was silent; it may or may not have happened"};
}

http_response answer(change_outcome::kind what, const std::string& text) {
  switch (what) {
    case change_outcome::kind::refused: return not_done(409, "rejected", "refused", text);
    case change_outcome::kind::unknown: return unknown_response(text);
    case change_outcome::kind::done: break;
  }
  return {200, "{\"outcome\":\"done\",\"text\":" + to_json(text) + "}"};
}

http_response summed_up(const std::string& service, const std::vector<partition_id>& groups,
                        const std::vector<change_outcome>& all) {
  if (all.size() == 1) return answer(all.front().what, all.front().text);
  const auto worst = std::ranges::max_element(all, {}, &change_outcome::what);
  const auto done = std::ranges::count(all, change_outcome::kind::done, &change_outcome::what);
  const auto share = std::to_string(done) + " of " + std::to_string(all.size()) + " partitions";
  if (worst->what == change_outcome::kind::done)
    return answer(worst->what, "done in " + share + " of " + service + ": " + worst->text);
  const auto& which = groups[static_cast<std::size_t>(worst - all.begin())];
  // Refused is what was certainly done in none.
  const auto what = done > 0 ? change_outcome::kind::unknown : worst->what;
  return answer(what, group_name(service, which) + ": " + worst->text + "; done in " + share +
                          ": ask for the same again");
}

/// `ask(group, promise)` has an actor keep the promise.
template <class Ask>
http_response ask_all(const node_context& node, const std::string& service,
                      const std::vector<partition_id>& groups, Ask ask) {
  std::vector<std::future<change_outcome>> futures;
  for (const auto& group : groups) {
    auto promise = std::make_shared<std::promise<change_outcome>>();
    futures.push_back(promise->get_future());
    ask(group, std::move(promise));
  }
  std::vector<change_outcome> all;
  auto patience = node.timing.request_timeout + loop_patience;
  for (auto& future : futures) {
    const auto outcome = wait(future, patience);
    if (!outcome) patience = milliseconds{0};  // all had the same time
    all.push_back(outcome.value_or(silent()));
  }
  return summed_up(service, groups, all);
}

http_response stopping() {
  return not_done(503, "rejected", "stopping", "the node is not serving");
}

}  // namespace

http_response change_members_of(const node_context& node, const members_client::change& what,
                                const std::vector<partition_id>& groups) {
  const auto admin = node.directory->find(admin_key());
  if (!admin) return stopping();
  return ask_all(node, what.service, groups, [&](const partition_id& group, auto promise) {
    auto its = what;
    its.partition = group;
    caf::anon_send(admin, change_members{its, node.timing.request_timeout, std::move(promise)});
  });
}

http_response change_leaders_of(const node_context& node, const std::string& service,
                                const peer& to, const std::vector<partition_id>& groups) {
  const auto admin = node.directory->find(admin_key());
  if (!admin) return stopping();
  return ask_all(node, service, groups, [&](const partition_id& group, auto promise) {
    caf::anon_send(admin,
                   ask_leader{service, group, to, node.timing.request_timeout, std::move(promise)});
  });
}

}  // namespace us
