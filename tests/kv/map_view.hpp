#pragma once
/// Records in memory under a clock that the test moves: what a service's handlers run on when no
/// pattern is around them.

#include "runtime/service/record.hpp"
#include "runtime/state/memory_state.hpp"

namespace kv::test {

class map_view final : public us::record_view {
 public:
  us::record_bytes get(std::string_view key) override { return state_->get(key); }
  void put(std::string_view key, std::string value) override {
    change({us::change_kind::put, key, value});
  }
  void erase(std::string_view key) override { change({us::change_kind::erased, key, {}}); }
  void clear() override { change({us::change_kind::cleared, {}, {}}); }
  std::uint64_t size() override { return state_->size(); }
  void each_in_slot(std::uint32_t slot,
                    const std::function<void(std::string_view, std::string_view)>& f) override {
    state_->each_in_slot(slot, f);
  }
  std::int64_t now_ms() const override { return now; }
  us::partition_id partition() const override { return part; }

  us::partition_id part;
  std::int64_t now = 1'700'000'000'000;
  std::uint64_t writes = 0;

 private:
  void change(const us::state_change& how) {
    state_->apply({&how, 1}, {});
    ++writes;
  }

  std::unique_ptr<us::state> state_ = us::make_memory_state();
};

}  // namespace kv::test
