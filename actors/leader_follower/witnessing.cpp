#include "actors/leader_follower/witnessing.hpp"

#include "actors/leader_follower/votes.hpp"
#include "runtime/mutants.hpp"
#include "runtime/probe.hpp"

#include <utility>

namespace us::witnessing {

namespace {

/// Reads that wait for this replica to be new enough come to this address once more, and go on
/// to the leader: a witness is new enough, and has nothing.
void give_up_reads(follower_actor* self) {
  std::vector<frame> waiting;
  self->state.reads.hand_on(waiting);
  for (const auto& read : waiting) (void)self->node().send(self->node().id, read);
}

void become(follower_actor* self, bool witness) {
  if (std::exchange(self->state.becoming, true)) return;
  auto next = self->store().standing;
  next.witness = witness;
  store_standing_durably(self, std::move(next), [self] {
    self->state.becoming = false;
    if (!mutant(bug::witness_reads_kept)) give_up_reads(self);
  });
}

void complain(follower_actor* self) {
  if (std::exchange(self->state.misplaced, true)) return;
  probe(rare::witness_misplaced);
  const auto& node = self->node();
  node.ports.log->write(severity::event,
                        node.name + " is no witness of " + self->group().name +
                            ", and its data directory is that of one, which has no records: stop "
                            "it, empty the directory, and start it again");
}

}  // namespace

bool fits(follower_actor* self, bool witness) {
  const auto& store = self->store();
  if (store.standing.witness == witness || mutant(bug::witness_taken_for_replica)) return true;
  const bool empty = store.log->last_index().none() && store.commit.none();
  if (witness || empty)
    become(self, witness);
  else
    complain(self);
  return false;
}

}  // namespace us::witnessing
