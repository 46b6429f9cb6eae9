#pragma once
/// The nodes that a router may send to, as it sees them, and the choice among them.
///
/// Owns per node: the session that requests are numbered in, what is under way there, its health,
/// whether it drains. A node is known from its first session on; only known ones count in the
/// shares of ejection and panic. Choice, in this order: nodes that are well; all known ones (when
/// few are well: panic; or when those that are well were excluded, unless only those may be
/// chosen); draining ones. Never one without a session. Pure: no frames, no actor; time and chance
/// come in.

#include "actors/router/hash_ring.hpp"
#include "actors/router/health.hpp"
#include "messages/ids.hpp"
#include "runtime/ports/random.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace us {

struct target {
  node_id node;
  std::string name;
  target_health health;
  session_id session;               ///< none: nothing can be sent
  std::uint64_t nonce = 0;          ///< of the session being opened
  std::uint64_t check = 0;          ///< nonce of the newest check; they count up
  std::uint64_t check_at_open = 0;  ///< as it was when the session began
  bool known = false;               ///< it had a session at some time
  bool draining = false;
  request_sequence next{1};                           ///< grows across sessions
  std::map<request_sequence, request_sequence> open;  ///< its sequence -> the router's

  request_sequence first_open() const { return open.empty() ? next : open.begin()->first; }
};

struct balancing_rules {
  balancing strategy = balancing::two_choices;
  double load_factor = 1.25;           ///< consistent hashing: 0 for no bound on a node's load
  std::size_t in_flight_max = 10'000;  ///< per node; beyond it another one is chosen
};

class target_table {
 public:
  using excluded = std::function<bool(std::size_t target)>;

  target_table(const std::vector<std::pair<node_id, std::string>>& nodes,
               const balancing_rules& how, const health_rules& health);
  target_table(const target_table&) = delete;

  std::size_t size() const { return targets_.size(); }
  target& operator[](std::size_t at) { return targets_[at]; }
  std::optional<std::size_t> find(node_id node) const;

  enum class tier : unsigned char { well, any };

  /// Whom to send to; nullopt when there is none, e.g. as no node has a session and is not
  /// excluded.
  std::optional<std::size_t> choose(std::uint64_t affinity, time_point now, random_source& random,
                                    const excluded& not_these = {}, tier least = tier::any);

  /// A request failed there; ejects it when that is due and allowed. True: it is ejected now.
  bool failed(std::size_t at, time_point now);

  std::size_t usable(time_point now) const;

 private:
  bool well(const target& t, time_point now) const;
  void collect(time_point now, const excluded& not_these, bool only_well, bool draining);
  std::size_t pick(std::uint64_t affinity, random_source& random);

  health_rules health_;
  balancing_rules how_;
  std::vector<target> targets_;
  std::vector<candidate> candidates_;  ///< memory of choose()
  hash_ring ring_;
  std::vector<double> credit_;
  std::size_t rotation_ = 0;
};

}  // namespace us
