#include "tests/leader_follower/loss_reconciliation.hpp"

#include "runtime/service/record.hpp"

#include <set>

#include "tests/leader_follower/test_schema.capnp.h"

namespace us::test {

namespace {

noted_loss of_lists(const loss& what) {
  noted_loss noted{what.key, what.kind, loss_state::LOST,
                   what.keys.empty() ? "" : what.keys.front(), 0};
  if (what.kind != loss_kind::ACKNOWLEDGED) return noted;
  capnp::FlatArrayMessageReader reader{as_words(what.body)};
  noted.item = reader.getRoot<AppendOnce>().getItem();
  return noted;
}

std::string name_of(std::uint64_t item) {
  return "item " + std::to_string(item);
}

/// The items of all lists; or what is wrong with them.
std::optional<std::string> collect(const final_lists& there, std::set<std::uint64_t>& items) {
  for (const auto& [key, list] : there)
    for (auto item : list)
      if (!items.insert(item).second) return key + ": " + name_of(item) + " was executed twice";
  return std::nullopt;
}

/// Whether a journal is right about one loss.
std::optional<std::string> check(const noted_loss& noted, bool there, bool power_lost) {
  const auto what = name_of(noted.item) + " (epoch " + to_string(noted.key.epoch) + ", entry " +
                    to_string(noted.key.index) + ")";
  const bool gone = noted.state == loss_state::LOST || noted.state == loss_state::WITHOUT_EFFECT;
  if (gone && there) return what + " is called " + to_string(noted.state) + " and is there";
  const bool back =
      noted.state == loss_state::SURVIVED || noted.state == loss_state::EXECUTED_AGAIN;
  if (back && !there && !power_lost)
    return what + " is said to have " + to_string(noted.state) + " and is not there";
  return std::nullopt;
}

}  // namespace

result<std::vector<noted_loss>> read_noted_losses(disk& where, const std::string& directory) {
  std::map<loss_key, noted_loss> all;
  auto read = read_loss_files(where, directory,
                              {[&](const loss& what) { all.emplace(what.key, of_lists(what)); },
                               [&](const loss_mark& mark) {
                                 if (auto at = all.find(mark.key); at != all.end())
                                   at->second.state = mark.state;
                               }});
  if (!read) return read.error();
  std::vector<noted_loss> losses;
  for (auto& [key, noted] : all) losses.push_back(std::move(noted));
  return losses;
}

std::optional<std::string> reconcile_losses(
    const list_history& told, const final_lists& there,
    const std::map<std::string, std::vector<noted_loss>>& journals, bool power_lost) {
  std::set<std::uint64_t> items;
  if (auto wrong = collect(there, items)) return wrong;
  std::set<std::uint64_t> lost;
  for (const auto& [node, losses] : journals)
    for (const auto& noted : losses) {
      if (noted.kind != loss_kind::ACKNOWLEDGED) continue;
      if (auto wrong = check(noted, items.contains(noted.item), power_lost))
        return "the loss journal of " + node + ": " + *wrong;
      if (noted.state != loss_state::SURVIVED && noted.state != loss_state::EXECUTED_AGAIN)
        lost.insert(noted.item);
    }
  for (const auto& o : told.operations()) {
    if (o.item == 0) continue;
    const bool is_there = items.contains(o.item);
    if (o.outcome == outcome_kind::rejected && is_there)
      return o.key + ": " + name_of(o.item) + " was rejected (" + o.why + ") and yet executed";
    const bool appended =
        o.outcome == outcome_kind::done && !o.seen.empty() && o.seen.back() == o.item;
    if (!appended || is_there || power_lost) continue;
    if (!o.early)
      return o.key + ": " + name_of(o.item) + " was acknowledged by a majority and is lost";
    if (!lost.contains(o.item))
      return o.key + ": acknowledged " + name_of(o.item) + " is lost and in no loss journal";
  }
  return std::nullopt;
}

}  // namespace us::test
