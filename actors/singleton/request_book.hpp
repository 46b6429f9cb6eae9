#pragma once
/// The requests of one proxy that have no outcome yet: which wait for an instance, which were sent
/// to which, and what follows from answers and from time. Pure: no actor, no clock.
///
/// A request is sent to one instance, again and again until that instance's host answers; to
/// another only when the host has said that the first never took it, nor will. So it is executed
/// once at most. Its end:
///   the host's answer, if there is one;
///   rejected, when its deadline passes while it waits: nobody has it;
///   unknown, when its deadline passes after it was sent, or when another instance has been live
///   for `settle` and the host of the one it was sent to still says nothing.

#include "messages/ids.hpp"
#include "runtime/ports/clock.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "messages/singleton.capnp.h"

namespace us::singletons {

/// An instance, as proxies know it.
struct target {
  us::epoch epoch;
  std::uint64_t instance = 0;  ///< 0: none
  us::address host;

  bool none() const { return instance == 0; }
  friend bool operator==(const target&, const target&) = default;
};

/// Which instance is live, by what hosts say. Of two the one with the newer epoch, in the same
/// epoch the first, until it has ended or was not heard for `silence`; one of an older epoch only
/// once the newer was not heard for much longer.
class live_view {
 public:
  explicit live_view(duration silence) : silence_(silence) {}

  enum class change { none, came, ended };
  change hear(const target& who, bool live, time_point now);
  /// Its host says that it takes no more.
  void lost(std::uint64_t instance);
  /// None when none was heard lately: what is new waits for the next.
  target at(time_point now) const;
  /// The newest heard, however long ago.
  const target& newest() const { return known_; }

 private:
  duration silence_;
  target known_;
  bool live_ = false;
  time_point heard_{};
};

class request_book {
 public:
  struct bounds {
    std::size_t requests_max = 10'000;
    duration retry = std::chrono::milliseconds{100};  ///< the first time; then twice, three times
    duration settle = std::chrono::milliseconds{500};
  };
  enum class meaning {
    none,   ///< of a request that has its outcome, or of an instance it was not sent to
    final,  ///< the answer is its outcome; call end()
    again,  ///< it waits anew
  };
  /// What time brings.
  struct due {
    std::vector<request_sequence> resend;    ///< to the instance they were sent to: call sent()
    std::vector<request_sequence> rejected;  ///< call end()
    std::vector<request_sequence> unknown;   ///< call end()
  };

  explicit request_book(bounds limits) : limits_(limits) {}

  bool full() const { return open_.size() >= limits_.requests_max; }
  /// Waits for an instance.
  void add(request_sequence sequence, time_point deadline);
  /// In the order in which they came.
  std::vector<request_sequence> waiting() const;
  std::vector<request_sequence> sent_to(std::uint64_t instance) const;
  void sent(request_sequence sequence, const target& to, time_point now);
  /// Of one that was sent.
  const target& whereto(request_sequence sequence) const { return *open_.at(sequence).to; }
  meaning answered(request_sequence sequence, std::uint64_t instance,
                   message::SingletonOutcome how);
  /// `newest`: the newest instance known of.
  due look(time_point now, const target& newest);
  void end(request_sequence sequence) { open_.erase(sequence); }
  /// Every request, and whether it was sent.
  std::vector<std::pair<request_sequence, bool>> all() const;
  /// The lowest without outcome, or `next`.
  request_sequence first_open(request_sequence next) const;

 private:
  struct request {
    time_point deadline;
    std::optional<target> to;
    time_point sent_at{};
    unsigned attempts = 0;
    std::optional<time_point> replaced;  ///< since when another instance is live
  };

  bounds limits_;
  std::map<request_sequence, request> open_;
};

}  // namespace us::singletons
