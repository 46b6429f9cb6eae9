#pragma once
/// A simulated active-passive group under a board that knows who holds its address.

#include "actors/active_passive/seat.hpp"
#include "actors/client/service_client.hpp"
#include "runtime/simulation/gtest.hpp"
#include "runtime/simulation/sim_address_owner.hpp"
#include "runtime/simulation/simulation.hpp"

#include <map>
#include <string>
#include <vector>

namespace us::test {

struct sim_group_options {
  std::vector<std::string> nodes{"a", "b"};
  std::uint64_t seed = 1;
  active_passive::safety safety = active_passive::safety::heartbeat;
  bool preempt = false;
  std::map<std::string, unsigned> priorities{};  ///< 100 when not named
  std::string witness{};
  active_passive::fence_function fence{};
  active_passive::group_timing timing{};
};

class sim_group {
 public:
  explicit sim_group(sim_group_options how);

  simulation& sim() { return sim_; }
  address_board& board() { return board_; }
  const active_passive::group_timing& timing() const { return how_->timing; }
  /// The one that holds the address now; empty: none, or more than one.
  std::string holder() const;
  /// Runs until exactly this node holds it ("": anyone) and goes on holding it for a second.
  bool settles(const std::string& node = "", duration limit = std::chrono::seconds{10});
  /// Runs until this node, and no other, holds it.
  bool held_by(const std::string& node, duration limit);
  /// Sends a plain message to the seat of a node.
  template <class Message>
  void tell(const std::string& node, Message message);
  std::size_t said(const std::string& text) { return sim_.timeline().count(text); }

 private:
  std::shared_ptr<const sim_group_options> how_;
  address_board board_;
  simulation sim_;
};

template <class Message>
void sim_group::tell(const std::string& node, Message message) {
  auto& at = sim_.node(node);
  at.call(
      [&] { caf::anon_send(at.context()->directory->find(seat_key("vip")), std::move(message)); });
}

}  // namespace us::test
