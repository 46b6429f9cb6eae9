#pragma once
/// One turn of a leader: executes the requests that arrived together and collects what they
/// changed into one log entry (or a few, when it is much), and their answers to be sent once it is
/// committed. No actor, no I/O.

#include "actors/leader_follower/answer_gate.hpp"
#include "actors/leader_follower/answers.hpp"
#include "actors/leader_follower/group.hpp"
#include "actors/leader_follower/speculation.hpp"
#include "messages/frame.hpp"
#include "messages/handlers.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "messages/request.capnp.h"

namespace us {

struct turn_limits {
  /// Bytes that may be executed before more is committed. Without any left all that is new is
  /// refused.
  std::size_t room = 64u << 20;
  std::size_t entry_bytes = 16u << 20;     ///< an entry that has so much is ended
  std::size_t request_bytes = 40u << 20;   ///< what one request may change and answer
  std::size_t answers_bytes = 128u << 20;  ///< a batch with more of them is refused the rest
  bool disk_full = false;                  ///< refuse what changes something
  bool stopping = false;                   ///< handing over: redirect

  bool overloaded() const { return room == 0; }
};

class turn {
 public:
  turn(const node_context& node, const us::group& group, speculation& ahead)
      : node_(node), group_(group), ahead_(ahead) {}

  /// Executes a batch. `next`: the index that this turn's entry will get. `end_entry` appends what
  /// take() gives, because it is enough, and returns the next index. The answer's gate is filled
  /// but for its round.
  gated_reply execute(message::SubmitBatch::Reader batch, const sender& from, us::epoch epoch,
                      log_index next, turn_limits limits,
                      const std::function<log_index()>& end_entry);
  gated_reply open_session(message::OpenSession::Reader request, const sender& from,
                           us::epoch epoch, log_index next);
  /// Why nothing of it is kept: it threw that, or changed more than a request may. Empty: it is.
  std::string upkeep(const service::upkeep& work, log_index next, const turn_limits& limits);

  bool empty() const { return ahead_.being_made() == nullptr; }
  std::size_t bytes() const { return bytes_; }
  /// The content of this turn, which is not empty; the next turn begins empty.
  const entry_content& take();

 private:
  using answer = request_answer;

  /// What must be committed before these may be told. So a read does not wait for what others write
  /// elsewhere, which may be long when the disk is full.
  log_index gate_of(const std::vector<answer>& answers, log_index next) const;
  answer execute_one(session_id session, message::Request::Reader request, log_index next,
                     const turn_limits& limits, acknowledgement when);
  answer refuse(session_id session, request_sequence sequence, message::Reason reason,
                std::string text);
  answer run(const service::request_type& type, session_id session,
             message::Request::Reader request, log_index next, const turn_limits& limits,
             acknowledgement when);
  acknowledgement when_of(message::SubmitBatch::Reader batch) const;
  /// Which of the entry's changes they are: [first, second).
  std::pair<std::size_t, std::size_t> keep(std::vector<change> changes, log_index next);
  std::size_t outcomes() const;

  const node_context& node_;
  const us::group& group_;
  speculation& ahead_;
  std::size_t bytes_ = 0;             ///< in the entry that is being made
  std::uint64_t outcomes_added_ = 0;  ///< ever
  std::uint64_t sessions_opened_ = 0;
};

}  // namespace us
