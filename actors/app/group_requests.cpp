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

struct group_outcome {
  enum class kind { done, refused, unknown } what = kind::unknown;
  std::string text;
};

group_outcome silent() {
  return {group_outcome::kind::unknown,
          "the node ended or was silent; it may or may not have happened"};
}

group_outcome read(const std::optional<members_outcome>& from) {
  if (!from) return silent();
  switch (from->what) {
    case members_outcome::kind::done: return {group_outcome::kind::done, from->text};
    case members_outcome::kind::refused: return {group_outcome::kind::refused, from->text};
    case members_outcome::kind::unknown: break;
  }
  return {group_outcome::kind::unknown, from->text};
}

group_outcome read(const std::optional<lead_outcome>& from) {
  if (!from) return silent();
  switch (from->what) {
    case lead_outcome::kind::leads: return {group_outcome::kind::done, from->text};
    case lead_outcome::kind::refused: return {group_outcome::kind::refused, from->text};
    case lead_outcome::kind::unknown: break;
  }
  return {group_outcome::kind::unknown, from->text};
}

http_response answer(group_outcome::kind what, const std::string& text) {
  switch (what) {
    case group_outcome::kind::refused: return not_done(409, "rejected", "refused", text);
    case group_outcome::kind::unknown: return unknown_response(text);
    case group_outcome::kind::done: break;
  }
  return {200, "{\"outcome\":\"done\",\"text\":" + to_json(text) + "}"};
}

http_response summed_up(const std::string& service, const std::vector<partition_id>& groups,
                        const std::vector<group_outcome>& all) {
  if (all.size() == 1) return answer(all.front().what, all.front().text);
  const auto worst = std::ranges::max_element(all, {}, &group_outcome::what);
  const auto done = std::ranges::count(all, group_outcome::kind::done, &group_outcome::what);
  const auto share = std::to_string(done) + " of " + std::to_string(all.size()) + " partitions";
  if (worst->what == group_outcome::kind::done)
    return answer(worst->what, "done in " + share + " of " + service + ": " + worst->text);
  const auto& which = groups[static_cast<std::size_t>(worst - all.begin())];
  return answer(worst->what, group_name(service, which) + ": " + worst->text + "; done in " +
                                 share + ": ask for the same again");
}

/// `ask(group, promise)` has an actor keep the promise.
template <class Outcome, class Ask>
http_response ask_all(const node_context& node, const std::string& service,
                      const std::vector<partition_id>& groups, Ask ask) {
  std::vector<std::future<Outcome>> futures;
  for (const auto& group : groups) {
    auto promise = std::make_shared<std::promise<Outcome>>();
    futures.push_back(promise->get_future());
    ask(group, std::move(promise));
  }
  std::vector<group_outcome> all;
  auto patience = node.timing.request_timeout + loop_patience;
  for (auto& future : futures) {
    const auto outcome = wait(future, patience);
    if (!outcome) patience = milliseconds{0};  // all had the same time
    all.push_back(read(outcome));
  }
  return summed_up(service, groups, all);
}

http_response stopping() {
  return not_done(503, "rejected", "stopping", "the node is not serving");
}

}  // namespace

http_response error_response(int status, std::string_view text) {
  return {status, "{\"error\":" + to_json(text) + "}"};
}

http_response not_done(int status, const char* outcome, const std::string& reason,
                       std::string_view text) {
  return {status, "{\"outcome\":" + to_json(outcome) + ",\"reason\":" + to_json(reason) +
                      ",\"text\":" + to_json(text) + "}"};
}

http_response unknown_response(std::string_view text) {
  return not_done(504, "unknown", "timedOut", text);
}

http_response change_members_of(const node_context& node, const members_client::change& what,
                                const std::vector<partition_id>& groups) {
  const auto admin = node.directory->find(admin_key());
  if (!admin) return stopping();
  return ask_all<members_outcome>(
      node, what.service, groups, [&](const partition_id& group, auto promise) {
        auto its = what;
        its.partition = group;
        caf::anon_send(admin, change_members{its, node.timing.request_timeout, std::move(promise)});
      });
}

http_response change_leaders_of(const node_context& node, const std::string& service, node_id to,
                                const std::vector<partition_id>& groups) {
  const auto admin = node.directory->find(admin_key());
  if (!admin) return stopping();
  return ask_all<lead_outcome>(node, service, groups, [&](const partition_id& group, auto promise) {
    caf::anon_send(admin,
                   ask_leader{service, group, to, node.timing.request_timeout, std::move(promise)});
  });
}

}  // namespace us
