#pragma once
/// A change log in memory for tests of rules: epochs by index, everything durable at once.

#include "runtime/log/change_log.hpp"

#include <utility>
#include <vector>

namespace us::test {

class fake_log : public change_log {
 public:
  fake_log() = default;
  /// epochs[i] is the epoch of entry i + 1.
  explicit fake_log(std::vector<std::uint64_t> epochs) : epochs_(std::move(epochs)) {}

  void attach(caf::actor, callbacks) override {}
  log_index first_index() const override { return {1}; }
  log_index last_index() const override { return {epochs_.size()}; }
  us::epoch last_epoch() const override { return {epochs_.empty() ? 0 : epochs_.back()}; }
  std::optional<us::epoch> epoch_at(log_index index) const override {
    if (index.none()) return us::epoch{};
    if (index > last_index()) return std::nullopt;
    return us::epoch{epochs_[index.value - 1]};
  }
  log_index durable_index() const override { return last_index(); }
  log_index synced_index() const override { return last_index(); }
  us::vote vote() const override { return vote_; }
  log_index stored_commit() const override { return {}; }
  bool full() const override { return false; }
  bool has_room(std::uint64_t) const override { return true; }
  bool idle() const override { return true; }
  std::uint64_t disk_bytes() const override { return 0; }
  void append(log_entry entry, log_index) override { epochs_.push_back(entry.epoch.value); }
  void truncate_after(log_index last) override { epochs_.resize(last.value); }
  void store_vote(us::vote v, std::function<void()> then) override {
    vote_ = v;
    then();
  }
  void compact(log_index, const log_retention&) override {}
  void begin_after(log_index, us::epoch) override {}
  status replay(log_index, log_index, const std::function<void(const log_entry&)>&) const override {
    return done{};
  }
  std::vector<log_entry> cached(log_index, std::size_t) const override { return {}; }
  void read(log_index, std::size_t, std::function<void(result<std::vector<log_entry>>)>) override {}

 private:
  std::vector<std::uint64_t> epochs_;
  us::vote vote_;
};

}  // namespace us::test
