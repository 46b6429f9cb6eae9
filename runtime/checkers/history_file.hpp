#pragma once
/// Histories as files.
///
/// JSON lines, one object a line:
///   {"process":0,"type":"invoke","f":"write","key":"x","value":3,"time_ns":17}
///   {"process":0,"type":"ok","f":"write","key":"x","value":3,"time_ns":25}
/// type: invoke; ok (it happened); fail (it certainly did not; of a cas: it did not match); info
/// (not known: open to the end; the process may go on). An operation without completion is open,
/// too. The order of lines is the order of events; time_ns, in nanoseconds, may be left out and
/// never goes back. key: may be left out where there is one object only. value: of write and put
/// what is written, of cas [old, new], of a read's and get's ok what it returned; null, a number or
/// a string. version: on an ok, what a versioned register told (runtime/checkers/sessions.hpp).
/// Other fields are passed over, and so are empty lines.
///
/// porcupine: the EDN maps of porcupine's recorded histories, with the same fields:
///   {:process 0, :type :invoke, :f :append, :key "9", :value "x 0 0 y"}
///
/// Errors: "name:line: field: what is wrong". What is read is never trusted: lines, sizes and
/// numbers are bounded.

#include "runtime/checkers/history.hpp"
#include "runtime/checkers/object_model.hpp"
#include "runtime/error.hpp"

#include <istream>
#include <ostream>
#include <string>

namespace us {

enum class history_format { json_lines, porcupine };

struct history_limits {
  std::size_t line_bytes = 16u << 20;
  std::size_t operations = 10'000'000;
};

/// `name` is what errors call the input.
result<history> read_history(std::istream& in, const std::string& name, object_model model,
                             history_format format = history_format::json_lines,
                             const history_limits& limits = {});

/// Writes JSON lines that read_history reads as the same history. Fails when a string is not
/// UTF-8, which JSON cannot carry, or when the stream does.
status write_history(std::ostream& out, const history& h);

}  // namespace us
