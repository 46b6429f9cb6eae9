#pragma once
/// What a responder counts, gathered per batch so that a query costs no shared write.
/// Not thread-safe: one per thread; the metrics behind it are.

#include "runtime/dns/respond.hpp"
#include "runtime/metrics.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace us {

class dns_counters {
 public:
  dns_counters(metrics& into, const std::string& transport);

  void query() { ++queries_; }
  void answered(const dns::response& r) {
    ++codes_[static_cast<std::size_t>(r.code) % codes_.size()];
    if (r.truncated) ++truncated_;
  }
  void limited() { ++limited_; }
  /// Adds what was gathered to the metrics.
  void flush();

 private:
  static constexpr std::size_t code_count = 17;
  static void move(std::uint64_t& from, metrics::counter& into);

  std::uint64_t queries_ = 0;
  std::uint64_t truncated_ = 0;
  std::uint64_t limited_ = 0;
  std::array<std::uint64_t, code_count> codes_{};
  metrics::counter queries_total_;
  metrics::counter truncated_total_;
  metrics::counter limited_total_;
  std::array<metrics::counter, code_count> codes_total_;
};

}  // namespace us
