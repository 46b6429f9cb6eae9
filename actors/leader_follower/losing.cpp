#include "actors/leader_follower/losing.hpp"

#include "actors/leader_follower/tail_losses.hpp"
#include "runtime/mutants.hpp"
#include "runtime/probe.hpp"

#include <algorithm>
#include <stdexcept>

namespace us::losing {

namespace {

std::vector<loss> not_noted_after(follower_actor* self, log_index last, const std::string& why) {
  const auto& store = self->store();
  std::vector<loss> found;
  for (const auto& entry : store.waiting) {
    if (entry.index <= last) continue;
    for (auto& what :
         losses_of(entry, self->group().service.name(), self->group().partition, self->node(), why))
      if (!store.losses->has(what.key)) found.push_back(std::move(what));
  }
  return found;
}

void report(follower_actor* self, const std::vector<loss>& noted) {
  const auto& node = self->node();
  const auto acknowledged = std::count_if(noted.begin(), noted.end(), [](const loss& what) {
    return what.kind == loss_kind::ACKNOWLEDGED;
  });
  const auto others = static_cast<std::ptrdiff_t>(noted.size()) - acknowledged;
  const auto& group = self->group();
  if (node.metrics)
    for (const auto& [kind, count] : {std::pair{loss_kind::ACKNOWLEDGED, acknowledged},
                                      std::pair{loss_kind::UNACKNOWLEDGED, others}})
      node.metrics
          ->make_counter("understudy_losses_noted_total", "Entries in the loss journal",
                         group.labels({{"kind", to_string(kind)}}))
          .add(static_cast<double>(count));
  if (acknowledged > 0)
    node.ports.log->write(severity::event,
                          node.name + " gives up " + std::to_string(acknowledged) +
                              " acknowledged writes of " + group.name +
                              " that the leader does not have: they are in its loss journal");
  else if (others > 0)
    node.ports.log->write(severity::info, "unacknowledged_tail_cut",
                          {{"service", group.name}, {"losses", others}});
}

}  // namespace

bool noted_after(follower_actor* self, log_index last, const std::string& why,
                 std::function<void(bool noted)> then) {
  auto& s = self->state;
  if (!self->store().losses) return true;
  auto found = not_noted_after(self, last, why);
  if (found.empty()) return true;
  s.after_noting.push_back(std::move(then));
  if (std::exchange(s.noting, true)) return false;
  self->store().losses->add(std::move(found), [self](result<std::vector<loss>> noted) {
    if (self->ending()) return;
    auto& now = self->state;
    now.noting = false;
    auto waiting = std::exchange(now.after_noting, {});
    const bool full = !noted && noted.error().code == errc::disk_full;
    if (!noted && !full) throw std::runtime_error{noted.error().text};
    if (noted) {
      probe(rare::loss_journalled);
      report(self, *noted);
    }
    for (auto& each : waiting) each(!full);
  });
  return mutant(bug::journal_written_after_cut);
}

}  // namespace us::losing
