#pragma once
/// A small service for testing the simulation itself: every node beats to all others, and
/// appends to a file, through the executor, what it hears.

#include "runtime/node/node_actor.hpp"
#include "runtime/node/program.hpp"
#include "runtime/simulation/simulation.hpp"

#include <caf/actor_system.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "messages/link.capnp.h"

namespace us::toy {

/// What the toys of one simulation saw; outlives them, as a test does.
struct record {
  std::map<std::string, std::uint64_t> beats_heard;                         ///< by receiver
  std::map<std::pair<std::string, std::string>, std::uint64_t> beats_from;  ///< (from, to)
  std::map<std::pair<std::string, std::string>, std::vector<std::uint64_t>> order;
  std::map<std::string, std::uint64_t> ticks;
  std::map<std::string, std::uint64_t> synced;  ///< bytes known to be durable, by node
};

inline actor_key beater_key() {
  return actor_key_of("toy");
}

class beater final : public node_actor {
 public:
  beater(caf::actor_config& config, node_ptr node, std::shared_ptr<record> seen, duration every,
         bool stores)
      : node_actor(config, std::move(node)),
        seen_(std::move(seen)),
        every_(every),
        stores_(stores) {}

 private:
  caf::behavior make_behavior() override {
    listen_as(beater_key());
    if (stores_) log_ = open_log();
    tick();
    return serve(dispatch_table{{on<message::Heartbeat>(
        [this](message::Heartbeat::Reader beat, const us::sender& from) { hear(beat, from); })}});
  }

  void tick() {
    ++seen_->ticks[node().name];
    ++sequence_;
    for (const auto& member : node().members) {
      if (member.id == node().id) continue;
      (void)send_frame<message::Heartbeat>(
          {member.id, beater_key()}, {},
          [this](message::Heartbeat::Builder beat) { beat.setSequence(sequence_); });
    }
    after(every_, [this] { tick(); });
  }

  void hear(message::Heartbeat::Reader beat, const us::sender& from) {
    const auto sequence = beat.getSequence();
    const auto pair = std::make_pair(node().name_of(from.node), node().name);
    ++seen_->beats_heard[node().name];
    ++seen_->beats_from[pair];
    if (seen_->order[pair].size() < 10'000) seen_->order[pair].push_back(sequence);
    if (stores_) store(sequence);
  }

  std::shared_ptr<file> open_log() {
    auto opened = node().ports.disk->open("beats", open_mode::create);
    if (!opened) throw std::runtime_error{opened.error().text};
    (void)node().ports.disk->sync_directory("");
    written_ = *(*opened)->size();
    return std::move(*opened);
  }

  void store(std::uint64_t sequence) {
    const auto at = written_;
    written_ += sizeof sequence;
    auto worked = std::make_shared<bool>(false);
    auto job = [log = log_, at, sequence, worked] {
      const auto* bytes = reinterpret_cast<const std::byte*>(&sequence);
      *worked = log->write_at(at, {bytes, sizeof sequence}) && log->sync();
    };
    node().ports.executor->run(lane::log, job, handle(), task{[this, worked, end = written_] {
                                 if (*worked) seen_->synced[node().name] = end;
                               }});
  }

  std::shared_ptr<record> seen_;
  duration every_;
  bool stores_;
  std::shared_ptr<file> log_;
  std::uint64_t sequence_ = 0;
  std::uint64_t written_ = 0;
};

inline node_program beating(std::shared_ptr<record> seen,
                            duration every = std::chrono::milliseconds{20}, bool stores = false) {
  return [seen, every, stores](caf::actor_system& system, const node_ptr& node) {
    return caf::actor_cast<caf::actor>(system.spawn<beater>(node, seen, every, stores));
  };
}

/// A root that runs `f(self)` when it starts and keeps running.
class scripted final : public node_actor {
 public:
  using script = std::function<void(scripted&)>;
  scripted(caf::actor_config& config, node_ptr node, script f)
      : node_actor(config, std::move(node)), script_(std::move(f)) {}

 private:
  caf::behavior make_behavior() override {
    listen_as(beater_key());
    if (script_) script_(*this);
    return serve({});
  }

  script script_;
};

inline node_program running(scripted::script f) {
  return [f](caf::actor_system& system, const node_ptr& node) {
    return caf::actor_cast<caf::actor>(system.spawn<scripted>(node, f));
  };
}

}  // namespace us::toy
