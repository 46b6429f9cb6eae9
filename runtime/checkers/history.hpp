#pragma once
/// What clients asked of a system and what they were told, in the order in which it happened: the
/// one input of every checker.
///
/// Owns its operations. A recorder calls begin when a client sends a request and end when its
/// outcome is known; an operation that is never ended stays open: it may have happened at any
/// moment after it began, or not at all.
///
/// Time: positions in the history (0, 1, 2, ...), not clocks, say what came before what;
/// nanoseconds are kept for people and for files, and never go back.
///
/// Invariants (broken by the caller: ensure throws): a process has one operation at a time; an
/// operation ends once. Source: Herlihy and Wing 1990, section 2.

#include "runtime/checkers/history_value.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace us {

enum class operation_outcome {
  done,    ///< it happened, between its two positions
  failed,  ///< it certainly changed nothing; of a cas: the register did not hold what was expected
  open,    ///< not known: it may have happened, or may still happen
};

/// What a client asks for.
struct operation_call {
  std::int64_t process = 0;  ///< client or session: does one thing at a time
  std::string f;             ///< "read", "write", "cas", "get", "put", "append", or a user's own
  std::string key;           ///< the object; operations on different keys do not touch
  history_value input;       ///< what is written, put or appended
  history_value expected;    ///< of a cas: what the register must hold
  std::int64_t at_ns = 0;
};

struct operation : operation_call {
  static constexpr std::size_t never = std::numeric_limits<std::size_t>::max();

  history_value output;       ///< what a read or get returned
  std::uint64_t version = 0;  ///< of what was read or written, where the system tells; else 0
  operation_outcome outcome = operation_outcome::open;
  std::size_t begun = 0;      ///< position at which it was sent
  std::size_t ended = never;  ///< position at which its outcome came; never: open
  std::int64_t ended_ns = 0;
  std::size_t begin_line = 0;  ///< in the file it was read from; 0: not from a file
  std::size_t end_line = 0;
};

/// How an operation ended.
struct operation_end {
  operation_outcome outcome = operation_outcome::done;
  history_value output{};
  std::uint64_t version = 0;
  std::int64_t at_ns = 0;
};

class history {
 public:
  using index = std::size_t;  ///< of an operation, by the order in which they began

  index begin(operation_call call);
  /// With operation_outcome::open the process gives up waiting and may go on; the operation stays open.
  void end(index which, operation_end end);

  const std::vector<operation>& operations() const { return operations_; }
  const operation& operator[](index which) const { return operations_[which]; }
  std::size_t size() const { return operations_.size(); }
  bool empty() const { return operations_.empty(); }
  /// How many beginnings and ends there were.
  std::size_t positions() const { return positions_; }

  void set_lines(index which, std::size_t begin_line, std::size_t end_line);

 private:
  std::vector<operation> operations_;
  std::map<std::int64_t, index> busy_;
  std::size_t positions_ = 0;
  std::int64_t latest_ns_ = std::numeric_limits<std::int64_t>::min();
};

/// "write(3)", "cas(1, 2)", "read() -> null", "get() -> \"a\"", with how it ended if not well.
std::string to_text(const operation& o);
/// The same with who and where: "process 4, lines 12-15: write(3)".
std::string to_text_with_place(const operation& o);

}  // namespace us
