#pragma once
/// What handlers see of the records of a service that has none: nothing to read, and a write is
/// refused.

#include "runtime/service/service.hpp"

namespace us {

class no_records final : public record_view {
 public:
  explicit no_records(std::int64_t now_ms) : now_ms_(now_ms) {}

  record_bytes get(std::string_view) override { return std::nullopt; }
  void put(std::string_view, std::string) override { refuse(); }
  void erase(std::string_view) override { refuse(); }
  void clear() override { refuse(); }
  std::uint64_t size() override { return 0; }
  void each_in_slot(std::uint32_t,
                    const std::function<void(std::string_view, std::string_view)>&) override {}
  std::int64_t now_ms() const override { return now_ms_; }

 private:
  [[noreturn]] static void refuse() {
    throw rejected{"this service keeps no records: replication is \"none\""};
  }

  std::int64_t now_ms_;
};

}  // namespace us
