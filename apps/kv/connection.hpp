#pragma once
/// One client's conversation: bytes in, commands out, replies in the order of the commands. Pure:
/// no socket, no actor, no clock.
///
/// Owns what was received and not yet executed, and what is to be written. Commands are handed out
/// in batches; while one is under way nothing more is handed out, so that a connection's commands
/// are never reordered. What the edge answers itself takes its place among the others' replies.
/// Errors: after a protocol error, or QUIT, closing() is true: write the output, then close.
/// Invariant: the oldest reply that is not in output() is one that is waited for.

#include "apps/kv/edge_commands.hpp"
#include "apps/kv/resp_parser.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace kv {

class connection {
 public:
  /// Of one batch. It always has at least one command; of those that return values, as many as will
  /// have replies of about batch_bytes_max together, going by the ones before.
  static constexpr std::size_t batch_commands_max = 1024;
  static constexpr std::size_t batch_bytes_max = 8u << 20;
  /// No further command is taken while that much output waits.
  static constexpr std::size_t output_pause_bytes = 1u << 20;

  explicit connection(session who) : session_(std::move(who)) {}

  session& who() { return session_; }
  const session& who() const { return session_; }
  /// An answer has seen or done what is in the log up to there.
  void saw(us::log_index index) { session_.seen = std::max(session_.seen, index); }

  void receive(std::span<const char> bytes);

  /// Takes the i-th command of the batch for execution. Returns null, or the error to answer with
  /// at once. The views are valid until settle().
  using submit = std::function<const char*(std::uint32_t i, std::span<const std::string_view>)>;
  /// Takes the next batch of commands out of what was received; nothing while busy(). Returns how
  /// many commands it met.
  std::size_t advance(const edge_facts& facts, const submit& submit_one);
  /// Ends the use of what advance() handed out.
  void settle();

  /// The reply to the i-th submitted command of the batch; each once, in any order.
  void answer(std::uint32_t i, Answer::Reader reply);
  void refuse(std::uint32_t i, std::string_view error);

  /// Replies are waited for.
  bool busy() const { return next_ < slots_.size(); }
  /// advance() may find something that it has not seen.
  bool has_input() const { return fresh_ && !closing_; }
  std::size_t input_bytes() const { return input_.size() - start_; }
  /// Replies that may be written now; the caller takes from the front what it wrote.
  std::string& output() { return output_; }
  bool closing() const { return closing_; }
  /// Takes no further input.
  void finish() { closing_ = true; }
  /// The protocol was violated: closing() because of it.
  bool violated() const { return violated_; }

  /// Gives back memory that is not in use.
  void shrink();

 private:
  struct slot {
    bool ready;
    bool resp3;  ///< as it was when the command came
    bool reads;  ///< its reply may be large
    std::string reply;
  };

  bool batch_full(std::size_t bytes) const;
  bool take(const edge_facts& facts, const submit& submit_one);
  void answer_here(const command& what, const edge_facts& facts);
  void reply_error(std::string_view text);
  std::string& place_for_reply();
  /// Returns the length of what it wrote.
  std::size_t fill(std::uint32_t i, const std::function<void(resp_writer&)>& write);
  void move_ready();

  session session_;
  resp_parser parser_;
  std::string input_;
  std::size_t start_ = 0;  ///< of what is not consumed
  std::vector<std::string_view> arguments_;
  std::vector<slot> slots_;
  std::size_t next_ = 0;  ///< the oldest without a reply
  std::string output_;
  std::size_t reply_bytes_ = 128u << 10;  ///< of a large reply, lately; a guess at first
  std::size_t largest_reply_ = 0;         ///< of this batch
  std::size_t reads_ = 0;                 ///< in this batch
  bool fresh_ = false;
  bool closing_ = false;
  bool violated_ = false;
};

}  // namespace kv
