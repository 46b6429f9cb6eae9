#pragma once
/// Keeps the answers of a zone: only backends that live are in them.
///
/// An actor per node, listed under zone_keeper_key(). Owns a checker and this node's view of the
/// backends. Takes check_changed from its checker and CheckView frames from the other nodes'
/// keepers; sends its own view to them on every change and, so that silence means something,
/// several times per heartbeat_silence_max, after which a view is stale. When the set of the living
/// changes it makes a new table of answers and puts it where the responder looks. Writes an event
/// for people. Before the first table the responder fails every query: it comes with the first
/// results of all own checks, or with another node's view, at the latest after the longest timeout.

#include "actors/dns/backend_table.hpp"
#include "runtime/dns/answer_table.hpp"
#include "runtime/health/checker.hpp"
#include "runtime/node/context.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <memory>
#include <vector>

namespace us::dns {

struct zone_keeper_setup {
  dns::zone zone;
  std::vector<check_target> targets;  ///< one per backend of the zone, in its order
  std::shared_ptr<us::prober> prober;
  std::shared_ptr<current_answers> answers;
  std::shared_ptr<backend_table> table;
  std::shared_ptr<void> serving;  ///< lives as long as the keeper: the responder
};

actor_key zone_keeper_key();

caf::actor spawn_zone_keeper(caf::actor_system& system, node_ptr node, zone_keeper_setup setup);

}  // namespace us::dns
