// Random operations, faults and crashes, compared with a model after every opening.
// A failure names its seed; UNDERSTUDY_SEED=<seed> runs only that one.
#include "tests/log/simulated_log.hpp"

#include <algorithm>
#include <cstdlib>

namespace us::test {
namespace {

using entries = std::vector<std::pair<std::uint64_t, std::string>>;  // epoch, bytes

/// Entries from base + 1 on.
struct content {
  std::uint64_t base = 0;
  entries all;

  std::uint64_t last() const { return base + all.size(); }
  void resize(std::uint64_t last) { all.resize(last - base); }
  /// What is left of it when its beginning is forgotten.
  bool ends_as(const content& other) const {
    if (other.base < base || other.base > last()) return false;
    return std::equal(all.begin() + static_cast<std::ptrdiff_t>(other.base - base), all.end(),
                      other.all.begin(), other.all.end());
  }
};

/// What the log may hold after a crash: it is one of the states it went through
/// since the last one that was known to be durable, perhaps without its beginning.
struct model {
  std::vector<content> states{{}};  ///< [0]: durable
  std::vector<us::vote> votes{{}};  ///< [0]: durable

  bool allows(const content& found, std::uint64_t compacted) const {
    return std::any_of(states.begin(), states.end(), [&](const content& s) {
      return s.ends_as(found) && found.base <= std::max(s.base, compacted);
    });
  }
  bool allows(const us::vote& found) const {
    return std::any_of(votes.begin(), votes.end(), [&](const us::vote& v) {
      return v.epoch == found.epoch && v.candidate == found.candidate;
    });
  }
};

class random_run : simulated_log {
 public:
  explicit random_run(std::uint64_t seed) : simulated_log(seed), chance_(seed * 2 + 1) {
    options.segment_bytes = chance_.between(std::uint64_t{200}, std::uint64_t{3000});
    options.cache_bytes = chance_.between(std::uint64_t{0}, std::uint64_t{2000});
    if (chance_.chance(0.5)) options.sync_interval = interval;
  }

  void play(int crashes) {
    open();
    for (int i = 0; i < crashes && !testing::Test::HasFailure(); ++i) {
      auto steps = chance_.between(std::uint64_t{1}, std::uint64_t{60});
      for (std::uint64_t step = 0; step < steps; ++step) act();
      end_life();
    }
  }

 private:
  void act() {
    switch (chance_.between(std::uint64_t{0}, std::uint64_t{16})) {
      case 0:
      case 1:
      case 2:
      case 3: return append_some();
      case 4: return truncate();
      case 5: return vote();
      case 6:
      case 7: jobs->run_job(lane::log); return;
      case 8: jobs->run_job(lane::bulk); return;
      case 9: jobs->answer(); return note_durable();
      case 10: return run_and_check();
      case 11:
        return image.capacity(image.used() +
                              chance_.between(std::uint64_t{1}, std::uint64_t{3000}));
      case 12: return compact();
      case 13: return begin_after();
      case 14: time->advance(interval); return;
      case 15: jobs->run_job(lane::sync); return;
      default: return change_owner();
    }
  }

  void append_some() {
    auto count = chance_.between(std::uint64_t{1}, std::uint64_t{4});
    for (std::uint64_t i = 0; i < count; ++i) {
      auto size =
          chance_.chance(0.05) ? 5000 : chance_.between(std::uint64_t{0}, std::uint64_t{300});
      std::string text(size, static_cast<char>(chance_.next()));
      current_.all.emplace_back(epoch_, text);
      append(epoch_, text);
      model_.states.push_back(current_);
    }
  }
  void truncate() {
    auto last = chance_.between(log->first_index().value - 1, current_.last());
    if (last == current_.last()) return;
    log->truncate_after({last});
    current_.resize(last);
    model_.states.push_back(current_);
    ++epoch_;
  }
  void compact() {
    auto up_to = chance_.between(log->first_index().value - 1, log->synced_index().value);
    log->compact({up_to}, {.bytes = chance_.between(std::uint64_t{0}, std::uint64_t{4000})});
    EXPECT_LE(log->first_index().value, std::max(up_to, current_.base) + 1);
    compacted_ = std::max(compacted_, up_to);
  }
  void begin_after() {
    if (!chance_.chance(0.2)) return;
    auto last = chance_.between(log->first_index().value - 1, current_.last() + 50);
    ++epoch_;
    log->begin_after({last}, {epoch_});
    current_ = {last, {}};
    begun_anew_ = true;
    model_.states.push_back(current_);
  }
  void vote() {
    ++epoch_;
    us::vote v{{epoch_}, {chance_.between(std::uint64_t{0}, std::uint64_t{3})}};
    model_.votes.push_back(v);
    auto position = model_.votes.size() - 1;
    auto life = life_;
    log->store_vote(v, [this, position, life] {
      if (life == life_) vote_durable_ = std::max(vote_durable_, position);
    });
  }
  void change_owner() {
    if (chance_.chance(0.5)) jobs->kill(owner);
    owner = new_owner_handle();
    attach();
  }
  caf::actor new_owner_handle() {
    // Two are enough to change between, unless one was killed.
    if (spare_ && !jobs->dead(spare_)) return std::exchange(spare_, owner);
    spare_ = jobs->dead(owner) ? caf::actor{} : owner;
    return new_owner();
  }

  void note_durable() {
    EXPECT_LE(log->durable_index().value, current_.last());
    EXPECT_EQ(log->last_index().value, current_.last());
    EXPECT_TRUE(log->idle() || failures.empty());
    EXPECT_LE(log->synced_index(), log->durable_index());
    if (log->synced_index().value == current_.last() && log->idle()) {
      model_.states = {current_};  // no truncation is on its way any more
      model_.votes = {log->vote()};
      vote_durable_ = 0;
      begun_anew_ = false;
    }
  }
  void run_and_check() {
    image.mend();
    run();
    time->advance(std::chrono::milliseconds{600});
    run();
    time->advance(interval);  // for what waited for space until now
    run();
    note_durable();
    ASSERT_TRUE(log->idle());
    ASSERT_EQ(log->durable_index().value, current_.last());
    ASSERT_EQ(log->synced_index().value, current_.last());
    ASSERT_TRUE(current_.ends_as(held()));
    if (log->first_index() <= log->last_index()) read_somewhere();
  }
  void read_somewhere() {
    auto first = chance_.between(log->first_index().value, current_.last());
    auto bytes_max = chance_.between(std::uint64_t{0}, std::uint64_t{1000});
    std::size_t got = 0;
    log->read({first}, bytes_max, [&](auto answer) {
      ASSERT_TRUE(answer) << answer.error().text;
      for (const auto& entry : *answer) {
        ASSERT_EQ(entry.index.value, first + got);
        ASSERT_EQ(*entry.bytes, current_.all[entry.index.value - current_.base - 1].second);
        ++got;
      }
    });
    run();
    EXPECT_GE(got, 1u);
  }

  content held() {
    content found{log->first_index().value - 1, {}};
    auto ended = log->replay(log->first_index(), log->last_index(), [&](const log_entry& e) {
      found.all.emplace_back(e.epoch.value, *e.bytes);
    });
    EXPECT_TRUE(ended) << ended.error().text;
    return found;
  }

  void end_life() {
    if (chance_.chance(0.5)) {  // in the middle of a job
      access->die_after(chance_.between(std::uint64_t{0}, std::uint64_t{12}));
      for (int i = 0; i < 4; ++i) {
        jobs->run_job(lane::log);
        jobs->run_job(lane::sync);
        jobs->run_job(lane::bulk);
        if (chance_.chance(0.7)) jobs->answer();
      }
    } else if (chance_.chance(0.3)) {
      image.fail_syncs(0.5);
      append_some();
      run();
      time->advance(interval);
      run();
      image.mend();
    }
    auto durable_entries = current_;
    durable_entries.resize(log->durable_index().value);
    const auto synced = log->synced_index().value;
    image.mend();
    ++life_;
    power_was_lost_ = false;
    die();
    // Crashes while it is being repaired, too.
    while (chance_.chance(0.3)) {
      access->die_after(chance_.between(std::uint64_t{0}, std::uint64_t{12}));
      auto opened = try_open();
      log = opened ? std::move(*opened) : nullptr;
      die();
    }
    if (power_was_lost_) durable_entries.resize(synced);
    open();
    compare(durable_entries);
  }
  void die() {
    if (chance_.chance(0.5)) {
      lose_power();
      power_was_lost_ = true;
    } else {
      kill();
    }
    if (options.sync_interval > duration{0})
      options.left = power_was_lost_ ? unsynced_tail::lost : unsynced_tail::cached;
  }

  void compare(const content& durable_entries) {
    auto found = held();
    auto begin = found;
    if (found.last() >= durable_entries.last() && found.base <= durable_entries.last())
      begin.resize(durable_entries.last());
    EXPECT_TRUE(begun_anew_ || durable_entries.ends_as(begin))
        << "a durable entry is lost: up to " << found.last() << " of " << durable_entries.last();
    EXPECT_TRUE(model_.allows(found, compacted_))
        << "holds " << found.base << " to " << found.last()
        << ", which is no state that it was in since it was durable";
    EXPECT_TRUE(model_.allows(log->vote())) << to_string(log->vote().epoch);
    EXPECT_GE(log->vote().epoch, model_.votes[vote_durable_].epoch) << "the vote went back";
    EXPECT_EQ(log->durable_index(), log->last_index());
    for (std::size_t i = 0; i < found.all.size(); ++i)
      EXPECT_EQ(log->epoch_at({found.base + i + 1}), us::epoch{found.all[i].first});
    current_ = found;
    begun_anew_ = false;
    compacted_ = found.base;
    model_.states = {current_};
    model_.votes = {log->vote()};
    vote_durable_ = 0;
  }

  static constexpr auto interval = std::chrono::milliseconds{100};
  sim::random_stream chance_;
  model model_;
  content current_;
  std::uint64_t compacted_ = 0;
  bool power_was_lost_ = false;
  bool begun_anew_ = false;  ///< in this life: until it is durable, the former entries may be back
  std::uint64_t epoch_ = 1;
  std::size_t vote_durable_ = 0;
  int life_ = 0;
  caf::actor spare_;
};

void play(std::uint64_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  random_run{seed}.play(6);
}

TEST(ChangeLogProperty, HoldsWhatWasDurableAndNothingButWhatWasAppended) {
  if (const auto* one = std::getenv("UNDERSTUDY_SEED"))
    return play(std::strtoull(one, nullptr, 10));
  for (std::uint64_t seed = 1; seed <= 3000 && !testing::Test::HasFailure(); ++seed) play(seed);
}

}  // namespace
}  // namespace us::test
