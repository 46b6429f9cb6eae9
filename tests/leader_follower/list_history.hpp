#pragma once
/// A history of requests on lists, and its check: linearizable, nothing acknowledged lost, nothing
/// executed twice.
///
/// Every answer holds the whole list, so the order of requests on a key is the order of the lists
/// by length, and linearizability is decided exactly: all lists are prefixes of one, and a request
/// that began after another had ended saw at least as much. Reads by another policy than
/// linearizable are held to what that and their answers promise: no older than the bound and the
/// told age, and, by whoever passes an answer's index on, never older than that answer.

#include "actors/client/service_client.hpp"
#include "runtime/ports/clock.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace us::test {

struct operation {
  std::string key;
  std::uint64_t item = 0;    ///< 0: a read
  bool conditional = false;  ///< an append only to a list of even length
  bool early = false;        ///< may be answered before a majority has it
  read_policy reads = {};    ///< of a read
  duration began{};
  std::optional<duration> ended;
  std::optional<outcome_kind> outcome;
  std::vector<std::uint64_t> seen;
  std::string why;  ///< rejected or unknown
  log_index index;
  std::optional<duration> age;
};

class list_history {
 public:
  std::size_t begin(std::string key, std::uint64_t item, bool conditional, duration now,
                    bool early = false, const read_policy& reads = {});
  void end(std::size_t operation, duration now, const us::outcome& how,
           std::vector<std::uint64_t> seen);

  /// nullopt, or what is wrong.
  std::optional<std::string> check() const;
  std::size_t count(outcome_kind outcome) const;
  std::size_t open() const;
  const std::vector<operation>& operations() const { return operations_; }

 private:
  static std::optional<std::string> check_key(const std::string& key,
                                              const std::vector<const operation*>& operations);
  static std::optional<std::string> check_stale(const operation& read,
                                                const std::vector<const operation*>& done);
  static std::optional<std::string> check_index(const operation& read,
                                                const std::vector<const operation*>& answered);

  std::vector<operation> operations_;
  std::array<std::size_t, 3> counts_{};  ///< by outcome
};

}  // namespace us::test
