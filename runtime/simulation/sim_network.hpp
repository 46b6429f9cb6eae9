#pragma once
/// The simulated network: a directed link per pair of nodes, each with its own chance.
///
/// Frames are handed over as pointers, never re-encoded, except where corruption strikes: then the
/// bytes with their wire header are damaged and go through wire_reader, so that it is the
/// checksum that must catch it.
/// Order: as over TCP, frames of a link arrive in the order sent, but for the fraction that
/// reorder() lets go. A frame on its way arrives at whichever incarnation of the receiver is
/// up then; what a crashed node had sent still arrives.
/// A cut loses frames silently, also those on their way. To a node that is down send() answers
/// unreachable, beyond 64 MiB on their way overloaded.
/// Rules stay until they are set anew or healed; bursts come on top and end by themselves.

#include "messages/frame.hpp"
#include "runtime/node/context.hpp"
#include "runtime/simulation/random_stream.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace us::sim {

class incarnation;
class node;
class world;

struct link_rules {
  duration delay_min = std::chrono::microseconds{100};
  duration delay_max = std::chrono::microseconds{400};
  double loss = 0;
  double duplicate = 0;
  double reorder = 0;
  double corrupt = 0;
  std::uint64_t bytes_per_second = 0;  ///< 0: unlimited
  bool cut = false;
};

/// What became of frames, per directed link or summed.
struct link_counts {
  std::uint64_t sent = 0;
  std::uint64_t delivered = 0;
  std::uint64_t lost = 0;  ///< by chance
  std::uint64_t cut = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t corrupted = 0;  ///< damaged on arrival: every one is in `caught`, or the run fails
  std::uint64_t caught = 0;     ///< refused by checksum or decoder
  std::uint64_t receiver_down = 0;
  std::uint64_t no_receiver = 0;  ///< no actor under the key
  std::uint64_t refused = 0;      ///< overloaded or unreachable at send()

  link_counts& operator+=(const link_counts& other);
};

/// A frame as it was sent, and what its link will make of it.
struct frame_seen {
  enum class fate : std::uint8_t { arrives, damaged, lost, cut };
  std::size_t from, to;  ///< nodes, in the order added
  std::uint64_t type;
  std::size_t bytes;
  duration sent;
  duration arrives;  ///< if it does, and the receiver is up then
  fate what;
};

class fabric {
 public:
  using names = std::vector<std::string>;

  explicit fabric(world& where);
  ~fabric();

  // -- for every link, those of nodes added later too
  void loss(double probability);
  void delay(duration min, duration max);
  void duplicate(double probability);
  void reorder(double probability);
  void corrupt(double probability);
  void bandwidth(std::uint64_t bytes_per_second);

  // -- for one direction
  link_rules& between(std::string_view from, std::string_view to);
  const link_counts& counts(std::string_view from, std::string_view to) const;
  link_counts counts() const;

  // -- partitions
  /// Cuts every link between the two sides, both ways; links within a side stay as they are.
  void split(const names& one, const names& other);
  /// Cuts these nodes off from all others, both ways.
  void isolate(const names& some);
  /// Frames from `from` to `to` are lost; the other way stays.
  void cut(std::string_view from, std::string_view to);
  void mend(std::string_view from, std::string_view to);
  /// Frames from `from` to `to` wait this long, then arrive all at once.
  void clog(std::string_view from, std::string_view to, duration length);
  /// Nothing is cut, clogged, lost, duplicated, reordered or damaged any more, and no burst
  /// goes on; delays and bandwidth stay as they were set.
  void heal();

  // -- bursts, on top of the rules until they have lasted `length`
  enum class burst_kind : std::uint8_t {
    loss,
    delay_ms,         ///< uniform, up to that
    delay_tail_ms,    ///< the median of a delay with an exponential tail
    delay_spikes_ms,  ///< of one frame in fifty
    duplicate,
    reorder,
    corrupt,
    throttle,  ///< bytes a second; what waits at its end leaves at once
  };
  static constexpr std::size_t burst_kinds = 8;
  void burst(burst_kind kind, double amount, duration length);
  void cut_for(std::string_view from, std::string_view to, duration length);
  void isolate_for(const names& some, duration length);

  /// Calls `f` for every frame that a running node is sent. Empty: nobody watches.
  void watch(std::function<void(const frame_seen&)> f) { watch_ = std::move(f); }

  // -- for the world
  errc send(std::size_t from, node_id to, const frame& f);
  void arrive(std::size_t from, std::size_t to, const frame& f, bool damaged);
  void grow(std::size_t nodes);

 private:
  struct link;
  struct burst_state {
    double amount = 0;
    duration until{0};
  };

  link& at(std::size_t from, std::size_t to) const;
  link& at(std::string_view from, std::string_view to) const;
  template <class F>
  void each_rule(F f);
  /// Calls f for every link between one of `some` and any other node.
  template <class F>
  void each_crossing(const names& some, F f);
  /// The burst's amount while it goes on, else 0.
  double burst_now(burst_kind kind) const;
  double with_burst(burst_kind kind, double amount) const;
  bool is_cut(const link& l) const;
  void launch(link& l, std::size_t from, std::size_t to, const frame& f, bool in_order);
  void show(std::size_t from, std::size_t to, const frame& f, duration travel,
            frame_seen::fate what) const;
  duration travel_time(link& l, std::size_t bytes, bool in_order);
  duration waiting_to_leave(link& l, std::size_t bytes) const;
  duration under_way(link& l) const;
  void deliver_damaged(link& l, node& receiver, const frame& f);
  void hand_over(link& l, node& receiver, const frame& f);

  world& world_;
  std::function<void(const frame_seen&)> watch_;
  link_rules defaults_;
  std::array<burst_state, burst_kinds> bursts_;
  std::size_t count_ = 0;
  std::vector<std::unique_ptr<link>> links_;  ///< from * count_ + to
};

/// The network port of one incarnation.
std::shared_ptr<us::network> make_network_port(std::shared_ptr<incarnation> who);

}  // namespace us::sim
