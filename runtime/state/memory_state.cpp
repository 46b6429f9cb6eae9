#include "runtime/state/memory_state.hpp"

#include "runtime/ensure.hpp"
#include "runtime/state/slot_table.hpp"

#include <limits>
#include <vector>

namespace us {
namespace {

constexpr std::size_t length_max = std::numeric_limits<std::uint32_t>::max();

std::uint32_t slot_of_hash(std::uint64_t hash) {
  return static_cast<std::uint32_t>(hash % state::slots);
}

class memory_state final : public state {
 public:
  memory_state() : tables_(slots) {}

  record_bytes get(std::string_view key) const override {
    auto hash = key_hash(key);
    const auto* block = tables_[slot_of_hash(hash)].find(key, hash);
    if (!block) return std::nullopt;
    return slot_table::read(block).value;
  }
  void apply(std::span<const state_change> changes, const entry_id& of) override {
    for (const auto& change : changes) switch (change.kind) {
        case change_kind::put: put(change.key, change.value); break;
        case change_kind::erased: erase(change.key); break;
        case change_kind::cleared: clear(); break;
      }
    applied_ = of;
  }
  entry_id applied() const override { return applied_; }
  std::uint64_t size() const override { return size_; }
  void each_in_slot(
      std::uint32_t slot,
      const std::function<void(std::string_view, std::string_view)>& f) const override {
    tables_[slot].each([&](const slot_table::entry& record) { f(record.key, record.value); });
  }

 private:
  void put(std::string_view key, std::string_view value) {
    ensure(key.size() <= length_max && value.size() <= length_max, key.size(), value.size());
    auto hash = key_hash(key);
    if (tables_[slot_of_hash(hash)].put(key, hash, value)) ++size_;
  }
  void erase(std::string_view key) {
    auto hash = key_hash(key);
    if (tables_[slot_of_hash(hash)].erase(key, hash)) --size_;
  }
  void clear() {
    tables_ = std::vector<slot_table>(slots);
    size_ = 0;
  }

  std::vector<slot_table> tables_;
  std::uint64_t size_ = 0;
  entry_id applied_;
};

}  // namespace

std::uint32_t state::slot_of(std::string_view key) {
  return slot_of_hash(key_hash(key));
}

std::unique_ptr<state> make_memory_state() {
  return std::make_unique<memory_state>();
}

}  // namespace us
