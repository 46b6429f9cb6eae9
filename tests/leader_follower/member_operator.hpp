#pragma once
/// Who changes a group's members in a simulation: at random all the time, or once as told.

#include "actors/client/members_client.hpp"
#include "runtime/node/node_actor.hpp"
#include "runtime/simulation/random_stream.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace us::test {

/// Shared by the operators of one run.
struct members_workload {
  bool running = false;
  bool only_more = false;  ///< adds and promotes, removes nobody
  std::vector<std::string> nodes;
  std::vector<std::string> witnesses;  ///< of them: have no records, and are added as what they are
  sim::random_stream* chance = nullptr;
  std::size_t done = 0;
};

/// One change after another, at random.
class member_operator final : public node_actor {
 public:
  member_operator(caf::actor_config& config, node_ptr node, std::shared_ptr<members_workload> work);

  void on_exit() override;

 protected:
  caf::behavior make_behavior() override;

 private:
  void next();
  void ask();

  std::shared_ptr<members_workload> work_;
  std::shared_ptr<members_client> client_;
};

/// One change; its outcome is left in `into`.
class member_request final : public node_actor {
 public:
  member_request(caf::actor_config& config, node_ptr node, members_client::change what,
                 std::chrono::milliseconds timeout,
                 std::shared_ptr<std::optional<change_outcome>> into);

  void on_exit() override;

 protected:
  caf::behavior make_behavior() override;

 private:
  members_client::change what_;
  std::chrono::milliseconds timeout_;
  std::shared_ptr<std::optional<change_outcome>> into_;
  std::shared_ptr<members_client> client_;
};

}  // namespace us::test
