#pragma once
/// Keeps the instance of a singleton on this node, while it is this node's turn: starts it, hands
/// it requests, starts it again when it crashes, ends it in order, and kills it when its time is
/// over by this node's clock.
///
/// Owns the instance (one at most, the next only once the one before it is down), its tenure, and
/// the books of the last few instances, which say what became of a request that comes again.
/// Receives SingletonRequest from proxies, and orders from its owner port (instance_owner) as
/// tasks. Sends SingletonAt and SingletonReply to proxies; to its seat, that it keeps crashing.
/// Invariants: nothing is handed to an instance whose tenure is over or that is being ended; a
/// request is handed once to one instance; each that was handed has one verdict.
/// Errors: an instance that ends by itself, or does not start, is started again after a backoff;
/// once it did so too often, the seat hears that this node fails.

#include "actors/active_passive/group.hpp"
#include "actors/singleton/execution_book.hpp"
#include "actors/singleton/singleton.hpp"
#include "runtime/node/node_actor.hpp"
#include "runtime/ports/address_owner.hpp"

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace us::singletons {

class host final : public node_actor {
 public:
  /// Ends an order, in the context of who gave it.
  struct answer_to {
    caf::actor receiver;
    address_owner::answer then;
  };

  host(caf::actor_config& config, node_ptr node, singleton of, singleton_config how);

  const char* name() const override { return "singleton host"; }
  void on_exit() override;

  // -- orders; in this actor's context
  void watch(caf::actor watcher, address_owner::watch_function f);
  void begin_term(const active_passive::term_start& term) { term_ = term; }
  /// Starts the instance, once the one before it is down.
  void assume(std::shared_ptr<us::tenure> with, answer_to then);
  /// Ends the instance. `at_once`: kills it.
  void release(bool at_once, answer_to then);

 protected:
  caf::behavior make_behavior() override;

 private:
  /// One instance, running or of the past.
  struct episode {
    std::uint64_t number = 0;
    us::epoch epoch;
    execution_book book;
  };
  using episode_ptr = std::shared_ptr<episode>;
  /// A request in the instance's hands.
  struct handed {
    episode_ptr to;
    request_id id;
    us::address from;
    std::shared_ptr<std::atomic<asked_phase>> phase;
  };

  // life
  void start(start_reason why, node_id from);
  void started(start_reason why, node_id from);
  void on_down(const caf::down_msg& down);
  void crashed(const std::string& why);
  void give_up(const std::string& why);
  void end_instance(bool at_once);
  void ended();
  void look_at_time(std::uint64_t generation);
  void time_over();
  // requests
  void take(const frame& f, const us::sender& from);
  void hand(const frame& f, const request_id& id, const us::address& from);
  void finish(const asked_ended& how);
  void settle_open();
  void reply(const episode& of, const request_id& id, const us::address& to, const verdict& how);
  void announce(bool live);
  void announce_again(std::uint64_t number);
  void close();
  bool serving() const;
  episode_ptr find(std::uint64_t number) const;

  singleton singleton_;
  singleton_config how_;
  caf::actor watcher_;
  address_owner::watch_function watching_;

  std::optional<active_passive::term_start> term_;
  std::shared_ptr<us::tenure> tenure_;  ///< null: not this node's turn
  caf::actor instance_;
  bool ending_ = false;           ///< the instance is to end; nothing is handed to it
  episode_ptr present_;           ///< of the instance, until it is down
  std::deque<episode_ptr> past_;  ///< newest first
  std::map<std::uint64_t, handed> open_;
  std::uint64_t tickets_ = 0;
  std::uint64_t generation_ = 0;  ///< tells timers of former instances and terms

  std::vector<answer_to> releases_;  ///< to be answered once it is down
  std::optional<std::pair<std::shared_ptr<us::tenure>, answer_to>> next_;  ///< to start then

  supervision::restart_window window_;
  supervision::failure_streak streak_;
  time_point started_at_{};
};

}  // namespace us::singletons
