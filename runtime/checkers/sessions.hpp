#pragma once
/// What a client may count on within its own session, whatever the others see: monotonic reads
/// (what it reads never gets older) and read-your-writes (it never reads what is older than what it
/// wrote).
///
/// Versioned: every done read, get, write, put, append and cas of the history carries the version
/// of what it returned or left (operation::version, from 1; larger is newer), as a replicated
/// object's log index or logical clock. Operations with version 0 tell nothing and are passed over.
/// A session is a process.
///
/// Source: Terry et al., Session guarantees for weakly consistent replicated data, 1994.

#include "runtime/checkers/history.hpp"

#include <optional>
#include <string>
#include <vector>

namespace us {

struct session_violation {
  enum class guarantee { monotonic_reads, read_your_writes };
  enum guarantee guarantee = guarantee::monotonic_reads;
  history::index earlier = 0;  ///< what the session had read or written
  history::index later = 0;    ///< the read that returned something older
};

struct session_check {
  std::vector<session_violation> violations;  ///< in the order in which they happened
  std::string explanation;                    ///< a line for each of the first; empty when none
  bool held() const { return violations.empty(); }
};

session_check check_sessions(const history& h);

}  // namespace us
