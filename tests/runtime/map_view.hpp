#pragma once
/// Records in a map, as a pattern would give them to a handler; counts what is done to them.

#include "runtime/service/record.hpp"

#include <map>
#include <string>

namespace us::test {

class map_view final : public record_view {
 public:
  record_bytes get(std::string_view key) override {
    ++gets;
    auto at = records.find(key);
    if (at == records.end()) return std::nullopt;
    return std::string_view{at->second};
  }
  void put(std::string_view key, std::string value) override {
    ++puts;
    records[std::string{key}] = std::move(value);
  }
  void erase(std::string_view key) override { records.erase(std::string{key}); }
  void clear() override { records.clear(); }
  std::uint64_t size() override { return records.size(); }
  void each_in_slot(std::uint32_t slot,
                    const std::function<void(std::string_view, std::string_view)>& f) override {
    if (slot != 0) return;
    for (const auto& [key, value] : records) f(key, value);
  }
  std::int64_t now_ms() const override { return 1234; }

  std::map<std::string, std::string, std::less<>> records;
  int gets = 0;
  int puts = 0;
};

}  // namespace us::test
