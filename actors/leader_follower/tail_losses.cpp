#include "actors/leader_follower/tail_losses.hpp"

#include "actors/leader_follower/entry.hpp"

#include <algorithm>

namespace us {

namespace {

std::string text_of(capnp::Data::Reader data) {
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}

/// The keys of some changes, each once, in order.
std::vector<std::string> keys_of(capnp::List<message::Change>::Reader changes,
                                 const std::vector<bool>& which) {
  std::vector<std::string> keys;
  for (unsigned i = 0; i < changes.size(); ++i) {
    if (!which[i]) continue;
    auto key = text_of(changes[i].getKey());
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace

std::vector<loss> losses_of(const log_entry& entry, const std::string& service,
                            const partition_id& partition, const node_context& node,
                            const std::string& why) {
  opened_entry opened{entry};
  auto content = opened.get();
  const auto changes = content.getChanges();
  const auto outcomes = content.getOutcomes();
  loss common;
  common.key = {entry.epoch, entry.index, rest_of_entry};
  common.kind = loss_kind::UNACKNOWLEDGED;
  common.service = service;
  common.partition = partition;
  common.from = content.getLeader() == 0 ? "" : node.name_of({content.getLeader()});
  common.node = node.name;
  common.why = why;
  common.made_ms = content.getWallMillis();
  common.lost_ms = node.ports.clock->wall_ms();
  std::vector<loss> all;
  std::vector<bool> rest(changes.size(), true);
  for (auto early : content.getEarly()) {
    if (early.getOutcome() >= outcomes.size() || early.getChangesEnd() > changes.size() ||
        early.getChangesBegin() > early.getChangesEnd())
      continue;  // no entry of ours: it stays with the rest
    auto body = body_of(early, changes);
    if (!body) continue;
    auto what = common;
    what.key.position = early.getOutcome();
    what.kind = loss_kind::ACKNOWLEDGED;
    what.session = {outcomes[early.getOutcome()].getSession()};
    what.sequence = {outcomes[early.getOutcome()].getSequence()};
    std::vector<bool> own(changes.size(), false);
    for (auto i = early.getChangesBegin(); i < early.getChangesEnd(); ++i) {
      own[i] = true;
      rest[i] = false;
    }
    what.keys = keys_of(changes, own);
    what.type = early.getType();
    what.body = std::move(*body);
    all.push_back(std::move(what));
  }
  // Without any further request it is upkeep, which the next leader does anew.
  if (outcomes.size() == all.size()) return all;
  common.keys = keys_of(changes, rest);
  if (!common.keys.empty()) all.push_back(std::move(common));
  return all;
}

namespace rules {

loss_state judge_by_snapshot(const loss_key& key, session_id session, request_sequence sequence,
                             log_index end, const epoch_history& history,
                             const session_table& sessions) {
  const bool covered = key.index <= end;
  const auto committed = covered ? history.at(key.index) : std::nullopt;
  if (committed == key.epoch) return loss_state::SURVIVED;
  const bool untold = covered && !committed;
  if (session.none()) return untold ? loss_state::UNCERTAIN : loss_state::LOST;
  const bool executed = sessions.find(session, sequence) != nullptr;
  const bool forgotten = !sessions.known(session) || sessions.first_open(session) > sequence;
  return untold || executed || forgotten ? loss_state::UNCERTAIN : loss_state::LOST;
}

}  // namespace rules
}  // namespace us
