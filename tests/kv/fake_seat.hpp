#pragma once
/// Stands in for the kv service's seat on a node: executes requests on records in memory, at once
/// or when the test says so, or answers with an outcome that the test chose.

#include "apps/kv/commands.hpp"
#include "runtime/node/node_actor.hpp"
#include "tests/kv/map_view.hpp"

#include <caf/actor.hpp>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "messages/request.capnp.h"

namespace kv::test {

/// What the test and the seat tell each other; the seat runs on another thread.
class seat_script {
 public:
  struct answer {
    us::message::Outcome outcome;
    us::message::Reason reason;
    std::string text;
  };

  /// Requests are kept instead of answered until release().
  void hold();
  void release();
  /// Every request gets this outcome; nullopt: executed again.
  void answer_with(std::optional<answer> fixed);
  /// The sizes of the batches that came so far.
  std::vector<std::size_t> batches() const;
  /// When those batches want to be answered.
  std::vector<us::message::Acknowledge> modes() const;
  /// Who may answer those batches: "leader", or "bounded 50000 after 2" in microseconds. The answer to
  /// the n-th batch has the index n.
  std::vector<std::string> reads() const;
  /// Waits until so many requests have come in all. False: not in time.
  bool wait_for_requests(std::size_t count) const;

 private:
  friend class fake_seat;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<std::size_t> batches_;
  std::vector<us::message::Acknowledge> modes_;
  std::vector<std::string> reads_;
  std::size_t requests_ = 0;
  bool held_ = false;
  std::optional<answer> fixed_;
  std::function<void()> wake_;
};

class fake_seat final : public us::node_actor {
 public:
  fake_seat(caf::actor_config& config, us::node_ptr node, std::shared_ptr<seat_script> script);

 protected:
  caf::behavior make_behavior() override;

 private:
  void take(const us::frame& batch, const us::sender& from);
  void answer(const us::frame& batch, const us::address& to);
  void answer_held();

  std::shared_ptr<seat_script> script_;
  us::service service_ = make_service();
  map_view view_;
  std::vector<std::pair<us::frame, us::address>> held_;
};

}  // namespace kv::test
