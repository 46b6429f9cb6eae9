#include "apps/kv/expiry_sweep.hpp"

#include "apps/kv/call.hpp"
#include "runtime/state/state.hpp"

#include <string>
#include <vector>

namespace kv {

namespace {

// Per tick. A whole walk takes 64 ticks while records expire, 1024 while none does.
constexpr std::uint32_t busy_slots = 256;
constexpr std::uint32_t idle_slots = 16;
constexpr std::size_t visited_max = 8192;
constexpr std::size_t removed_max = 4096;

}  // namespace

void expiry_sweep::run(us::records<Value>& records) {
  if (records.empty()) return;
  const auto now = records.now_ms();
  const auto slots = slots_without_expiry_ < us::state::slots ? busy_slots : idle_slots;
  std::vector<std::string> expired;
  std::size_t visited = 0;
  for (std::uint32_t i = 0; i < slots; ++i) {
    bool expiring = false;
    records.each_in_slot(next_slot_, [&](std::string_view key, Value::Reader value) {
      ++visited;
      const auto expires_at = value.getExpiresAtMillis();
      if (expires_at == never) return;
      expiring = true;
      if (expires_at <= now) expired.emplace_back(key);
    });
    next_slot_ = (next_slot_ + 1) % us::state::slots;
    slots_without_expiry_ = expiring ? 0 : slots_without_expiry_ + 1;
    if (visited >= visited_max || expired.size() >= removed_max) break;
  }
  for (const auto& key : expired) records[key].erase();
}

}  // namespace kv
