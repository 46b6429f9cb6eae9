#include "runtime/state/memory_state.hpp"

#include <unordered_map>
#include <vector>

#include <xxhash.h>

namespace us {

namespace {

struct text_hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return XXH3_64bits(text.data(), text.size()); }
};

class memory_state final : public state {
 public:
  memory_state() : slots_(slots) {}

  std::optional<std::string_view> get(std::string_view key) const override {
    const auto& slot = slots_[slot_of(key)];
    auto at = slot.find(key);
    if (at == slot.end()) return std::nullopt;
    return std::string_view{at->second};
  }
  void put(std::string_view key, std::string value) override {
    auto& slot = slots_[slot_of(key)];
    auto at = slot.find(key);
    if (at != slot.end()) {
      at->second = std::move(value);
      return;
    }
    slot.emplace(std::string{key}, std::move(value));
    ++size_;
  }
  bool erase(std::string_view key) override {
    auto& slot = slots_[slot_of(key)];
    auto at = slot.find(key);
    if (at == slot.end()) return false;
    slot.erase(at);
    --size_;
    return true;
  }
  void clear() override {
    for (auto& slot : slots_) slot = {};
    size_ = 0;
  }
  std::uint64_t size() const override { return size_; }
  void each_in_slot(std::uint32_t slot,
                    const std::function<void(std::string_view, std::string_view)>& f) const override {
    for (const auto& [key, value] : slots_[slot]) f(key, value);
  }

 private:
  using slot_map = std::unordered_map<std::string, std::string, text_hash, std::equal_to<>>;
  std::vector<slot_map> slots_;
  std::uint64_t size_ = 0;
};

}  // namespace

std::uint32_t state::slot_of(std::string_view key) {
  return static_cast<std::uint32_t>(XXH3_64bits(key.data(), key.size()) % slots);
}

std::unique_ptr<state> make_memory_state() {
  return std::make_unique<memory_state>();
}

}  // namespace us
