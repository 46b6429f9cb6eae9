#include "runtime/state/memory_state.hpp"

#include "runtime/ensure.hpp"
#include "runtime/state/slot_table.hpp"

#include <array>
#include <limits>
#include <utility>
#include <vector>

namespace us {
namespace {

constexpr std::size_t length_max = std::numeric_limits<std::uint32_t>::max();

std::uint32_t slot_of_hash(std::uint64_t hash) {
  return static_cast<std::uint32_t>(hash % state::slots);
}

/// The tables of all slots; those that stand together are made when the first of them is written,
/// so that a small state costs little.
class slot_tables {
 public:
  /// Null: nothing was ever written near it.
  const slot_table* find(std::uint32_t slot) const {
    const auto& group = groups_[slot / group_slots];
    return group ? &(*group)[slot % group_slots] : nullptr;
  }
  slot_table* find(std::uint32_t slot) {
    return const_cast<slot_table*>(std::as_const(*this).find(slot));
  }
  slot_table& at(std::uint32_t slot) {
    auto& group = groups_[slot / group_slots];
    if (!group) group = std::make_unique<std::array<slot_table, group_slots>>();
    return (*group)[slot % group_slots];
  }
  void fetch(std::uint32_t slot) const {
    if (const auto* table = find(slot)) __builtin_prefetch(table);
  }
  std::uint32_t next_used(std::uint32_t slot) const {
    while (slot < state::slots && !groups_[slot / group_slots])
      slot = (slot / group_slots + 1) * group_slots;
    return slot;
  }

 private:
  static constexpr std::uint32_t group_slots = 32;
  std::vector<std::unique_ptr<std::array<slot_table, group_slots>>> groups_{state::slots /
                                                                            group_slots};
};

class memory_state final : public state {
 public:
  record_bytes get(std::string_view key) const override {
    auto hash = key_hash(key);
    const auto* table = tables_.find(slot_of_hash(hash));
    const auto* block = table ? table->find(key, hash) : nullptr;
    if (!block) return std::nullopt;
    return slot_table::read(block).value;
  }
  void apply(std::span<const state_change> changes, const entry_id& of) override {
    hashes_.clear();
    for (const auto& change : changes) hashes_.push_back(key_hash(change.key));
    // What a change will read is fetched while the changes before it are made.
    for (std::size_t i = 0; i < changes.size() + 3 * stride; ++i) {
      if (i < changes.size()) tables_.fetch(slot_of_hash(hashes_[i]));
      if (const auto at = i - stride; at < changes.size()) fetch_cells(hashes_[at]);
      if (const auto at = i - 2 * stride; at < changes.size()) fetch_block(hashes_[at]);
      if (const auto at = i - 3 * stride; at < changes.size()) make(changes[at], hashes_[at]);
    }
    applied_ = of;
  }
  entry_id applied() const override { return applied_; }
  std::uint64_t size() const override { return size_; }
  void each_in_slot(
      std::uint32_t slot,
      const std::function<void(std::string_view, std::string_view)>& f) const override {
    // Whoever walks one slot walks the next ones, as a rule.
    if (const auto* table = known(slot + 2)) table->fetch_cells();
    if (const auto* table = known(slot + 1)) table->fetch_blocks();
    if (const auto* table = tables_.find(slot))
      table->each([&](const slot_table::entry& record) { f(record.key, record.value); });
  }
  std::uint32_t next_used(std::uint32_t slot) const override { return tables_.next_used(slot); }

 private:
  static constexpr std::size_t stride = 4;

  const slot_table* known(std::uint32_t slot) const {
    return slot < slots ? tables_.find(slot) : nullptr;
  }
  void fetch_cells(std::uint64_t hash) const {
    if (const auto* table = tables_.find(slot_of_hash(hash))) table->fetch_cells(hash);
  }
  void fetch_block(std::uint64_t hash) const {
    if (const auto* table = tables_.find(slot_of_hash(hash))) table->fetch_block(hash);
  }
  void make(const state_change& change, std::uint64_t hash) {
    switch (change.kind) {
      case change_kind::put: return put(change.key, hash, change.value);
      case change_kind::erased: return erase(change.key, hash);
      case change_kind::cleared: return clear();
    }
  }
  void put(std::string_view key, std::uint64_t hash, std::string_view value) {
    ensure(key.size() <= length_max && value.size() <= length_max, key.size(), value.size());
    if (tables_.at(slot_of_hash(hash)).put(key, hash, value)) ++size_;
  }
  void erase(std::string_view key, std::uint64_t hash) {
    auto* table = tables_.find(slot_of_hash(hash));
    if (table && table->erase(key, hash)) --size_;
  }
  void clear() {
    tables_ = {};
    size_ = 0;
  }

  slot_tables tables_;
  std::uint64_t size_ = 0;
  entry_id applied_;
  std::vector<std::uint64_t> hashes_;  ///< of the changes being made
};

}  // namespace

std::uint32_t state::slot_of(std::string_view key) {
  return slot_of_hash(key_hash(key));
}

std::unique_ptr<state> make_memory_state() {
  return std::make_unique<memory_state>();
}

}  // namespace us
