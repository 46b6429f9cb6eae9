#pragma once
/// Which requests an instance was handed, and how each ended, so that one that comes twice is
/// executed once and an answer that was lost is given again. One book per instance. Pure: no actor,
/// no clock.
///
/// Owns, for each proxy that asks (its origin), the requests from the first on whose outcome that
/// proxy still waits for. Bounded in origins, in requests of each and in bytes of answers: what no
/// longer fits in the first two is not taken in at all; an answer that no longer fits is given
/// once, and to a copy its outcome is unknown.

#include "messages/ids.hpp"

#include <compare>
#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "messages/singleton.capnp.h"

namespace us::singletons {

/// A proxy, since its start.
struct origin {
  node_id node;
  std::uint64_t number = 0;
  friend auto operator<=>(const origin&, const origin&) = default;
};

struct request_id {
  singletons::origin origin;
  request_sequence sequence;
  friend auto operator<=>(const request_id&, const request_id&) = default;
};

struct verdict {
  message::SingletonOutcome outcome = message::SingletonOutcome::DONE;
  message::Reason reason = message::Reason::NONE;
  std::string text = {};
  std::string reply = {};
};

class execution_book {
 public:
  struct bounds {
    std::size_t origins_max = 1024;
    std::size_t requests_max = 100'000;  ///< of one origin
    std::size_t bytes_max = 64u << 20;   ///< of answers
  };
  enum class standing {
    fresh,
    under_way,  ///< its answer will come
    ended,      ///< see find()
    late,       ///< its origin has its outcome
    full,       ///< no room; may be asked again
  };

  execution_book() : execution_book(bounds{}) {}
  explicit execution_book(bounds limits) : limits_(limits) {}

  /// `first_open`: the origin waits for no outcome below it any more.
  standing look(const request_id& id, request_sequence first_open);
  /// For a fresh one.
  void begin(const request_id& id);
  /// Keeps how one that is under way ended; false: it was not.
  bool end(const request_id& id, verdict how);
  /// Null unless ended.
  const verdict* find(const request_id& id) const;

  std::size_t bytes() const { return bytes_; }

 private:
  struct entry {
    bool ended = false;
    verdict how;
  };
  struct window {
    request_sequence first_open{1};
    std::map<request_sequence, entry> requests;
  };

  static std::size_t cost(const entry& e) { return e.how.text.size() + e.how.reply.size(); }
  void advance(window& of, request_sequence first_open);

  bounds limits_;
  std::map<origin, window> origins_;
  std::size_t bytes_ = 0;
};

}  // namespace us::singletons
