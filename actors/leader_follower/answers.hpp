#pragma once
/// Answers to a client's batch, and the frames that carry them. No actor, no I/O.

#include "messages/frame.hpp"
#include "messages/handlers.hpp"
#include "runtime/ports/clock.hpp"

#include <optional>
#include <string>
#include <vector>

#include "messages/request.capnp.h"

namespace us {

struct request_answer {
  request_sequence sequence;
  message::Outcome outcome = message::Outcome::DONE;
  message::Reason reason = message::Reason::NONE;
  std::string text;
  std::string body;
  /// The body, where an entry or the session table holds it until the answers are encoded.
  const std::string* held = nullptr;
  /// What must be committed before it may be told; nullopt: everything executed so far.
  std::optional<log_index> needs = {};

  const std::string& bytes() const { return held != nullptr ? *held : body; }
};

/// Why the rest of a batch is refused when the answers of the first ones fill too many messages.
inline constexpr const char* answers_too_long =
    "the answers to what was asked at once are too long: ask for less at a time";
/// Why a request is refused whose outcome would not fit into a message.
std::string outcome_too_long(std::size_t bytes, std::size_t most);

struct answered_batch {
  session_id session;
  log_index index;              ///< what they have seen or done is in the log up to here
  std::optional<duration> age;  ///< of reads; see message::ReplyBatch
};

/// A ReplyBatch from `seat` to who sent the batch; or several, of about `bytes_max` each, when
/// there is more to tell. The first has all that is no outcome: clients count what refused them by
/// frame.
std::vector<frame> encode_answers(const address& seat, const sender& to, us::epoch epoch,
                                  const answered_batch& batch,
                                  const std::vector<request_answer>& answers,
                                  std::size_t bytes_max);

}  // namespace us
