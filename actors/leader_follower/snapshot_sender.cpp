#include "actors/leader_follower/snapshot_sender.hpp"

#include "actors/leader_follower/replication.hpp"
#include "actors/leader_follower/snapshot_blocks.hpp"
#include "runtime/ensure.hpp"
#include "runtime/log/segment_files.hpp"
#include "runtime/probe.hpp"

#include <algorithm>

namespace us::sending {

namespace {

using namespace std::chrono_literals;

constexpr duration repeat_after = 300ms;

transfer* find(leader_actor* self, node_id to) {
  for (auto& t : self->state.transfers)
    if (t.to == to) return &t;
  return nullptr;
}

void send_chunk(leader_actor* self, transfer& t, std::string_view bytes, std::uint64_t check) {
  t.asked = self->now();
  self->send_to<message::SnapshotChunk>(
      t.to,
      [&](message::SnapshotChunk::Builder chunk) {
        chunk.setIndex(t.what.id.index.value);
        chunk.setEntryEpoch(t.what.id.epoch.value);
        chunk.setSalt(t.what.id.salt);
        chunk.setTotal(t.what.bytes);
        chunk.setOffset(t.offset);
        chunk.setBytes({reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()});
        chunk.setCheck(check);
        chunk.setWitness(!t.own.empty());
      },
      bytes.size() / sizeof(capnp::word) + 32);
}

struct part {
  std::string bytes;
  std::uint64_t check = 0;
  status outcome = done{};
};

status read_part(const log_files& files, const snapshot_info& what, std::uint64_t offset,
                 std::size_t bytes_max, part& into) {
  auto opened = files.where->open(snapshots::path_of(files, what), open_mode::read);
  if (!opened) return opened.error();
  into.bytes.resize(std::min<std::uint64_t>(bytes_max, what.bytes - offset));
  auto got = read_fully(**opened, offset, std::as_writable_bytes(std::span{into.bytes}));
  if (!got) return got.error();
  into.bytes.resize(*got);
  into.check = chunk_check(what.id, offset, into.bytes);
  return done{};
}

void finish(leader_actor* self, transfer& t) {
  if (t.own.empty()) self->store().snapshots->release(t.what.id);
  std::erase_if(self->state.transfers, [&](const transfer& other) { return &other == &t; });
}

/// Reads the next part and sends it when the follower is still at the same place.
void send_next(leader_actor* self, transfer& t) {
  auto read = std::make_shared<part>();
  const auto& limits = self->group().limits;
  t.asked = self->now();
  if (!t.own.empty()) {
    const auto bytes = std::string_view{t.own}.substr(t.offset, limits.snapshot_chunk_bytes);
    return send_chunk(self, t, bytes, chunk_check(t.what.id, t.offset, bytes));
  }
  auto job = [read, files = self->store().snapshots->files(), what = t.what, offset = t.offset,
              bytes_max = limits.snapshot_chunk_bytes] {
    read->outcome =
        files->preparing.enter([&] { return read_part(*files, what, offset, bytes_max, *read); });
  };
  self->node().ports.executor->run(
      lane::bulk, std::move(job), self->handle(),
      task{[self, read, to = t.to, id = t.what.id, offset = t.offset] {
        if (self->ending()) return;
        auto* now = find(self, to);
        if (now == nullptr || now->what.id != id || now->offset != offset || now->installed) return;
        if (read->outcome) return send_chunk(self, *now, read->bytes, read->check);
        self->node().ports.log->write(severity::warning, "snapshot_not_read",
                                      {{"error", read->outcome.error().text}});
        finish(self, *now);
      }});
}

/// Not before the part before it has had its time at the rate that is allowed.
void send_when_due(leader_actor* self, transfer& t) {
  const auto wait = t.next_due - self->now();
  const auto rate =
      static_cast<double>(std::max<std::uint64_t>(self->group().limits.snapshot_rate, 1));
  const auto share = static_cast<double>(self->group().limits.snapshot_chunk_bytes) / rate;
  t.next_due = std::max(t.next_due, self->now()) +
               std::chrono::duration_cast<duration>(std::chrono::duration<double>{share});
  if (wait <= duration{0}) return send_next(self, t);
  t.asked = t.next_due;
  self->after(wait, [self, to = t.to, id = t.what.id, offset = t.offset] {
    if (self->ending()) return;
    auto* now = find(self, to);
    if (now != nullptr && now->what.id == id && now->offset == offset) send_next(self, *now);
  });
}

/// What a witness needs to know of the entries that the log no longer has.
transfer without_records(leader_actor* self) {
  const auto& store = self->store();
  const auto index = store.applied;
  const auto epoch = self->log().epoch_at(index);
  ensure(epoch.has_value(), index.value);
  transfer t;
  t.what.id = {index, *epoch, self->node().ports.random->next() | 1};
  t.what.complete = index;
  t.own = encode_snapshot_begin(t.what, session_table{}, store.history, store.members.at(index));
  encode_snapshot_end(t.what, t.own, t.own.size());
  t.what.bytes = t.own.size();
  return t;
}

/// Of a replica: the newest snapshot on the disk, which stays until it is sent.
transfer newest_snapshot(snapshots& kept) {
  transfer t;
  t.what = *kept.wanted();
  kept.hold(t.what.id);
  return t;
}

}  // namespace

void consider(leader_actor* self, progress& to) {
  auto& s = self->state;
  auto* kept = self->store().snapshots.get();
  if (!to.witness && (kept == nullptr || kept->wanted() == nullptr)) return;
  if (auto* t = find(self, to.node)) {
    if (!t->installed) return;
    finish(self, *t);  // it has lost it again
  }
  const bool heard = self->now() - to.heard <= 2 * self->node().timing.election_timeout_min;
  const auto running = std::count_if(s.transfers.begin(), s.transfers.end(), [](const transfer& t) {
    return !t.installed && t.own.empty();
  });
  if (!heard) return;
  if (!to.witness && static_cast<std::size_t>(running) >= self->group().limits.transfers_max) {
    probe(rare::transfer_waited);
    return;
  }
  if (!to.witness && kept->wanted() == nullptr) return;
  probe(rare::transfer_begun);
  if (to.witness) probe(rare::witness_sent_snapshot);
  auto t = to.witness ? without_records(self) : newest_snapshot(*kept);
  t.to = to.node;
  s.transfers.push_back(t);
  self->node().ports.log->write(severity::event,
                                self->name_of(to.node) + " is sent a snapshot of " +
                                    std::to_string(t.what.bytes) +
                                    " bytes: it lacks entries that the log no longer has");
  send_chunk(self, s.transfers.back(), {}, 0);
}

void accept(leader_actor* self, message::SnapshotReply::Reader reply, const sender& from) {
  if (from.epoch != self->epoch()) return;
  auto* t = find(self, from.node);
  if (t == nullptr || t->what.id.salt != reply.getSalt() || t->installed) return;
  if (reply.getDamaged()) {
    probe(rare::snapshot_refused);
    if (t->own.empty()) self->store().snapshots->discard(t->what.id);
    return finish(self, *t);
  }
  if (reply.getFinished()) {
    t->installed = true;
    t->caught_up_at = self->log().last_index();
    t->asked = self->now();
    for (auto& follower : self->state.followers)
      if (follower.node == from.node) follower.restored(t->what.id.index);
    return replication::pump(self);
  }
  // The answer to a part sent twice: what follows is on its way already.
  if (t->begun && reply.getOffset() == t->offset && t->asked > self->now() - repeat_after / 2)
    return;
  t->begun = true;
  t->offset = std::min(reply.getOffset(), t->what.bytes);
  if (t->offset < t->what.bytes) send_when_due(self, *t);
}

void look_after(leader_actor* self, duration silence) {
  auto& s = self->state;
  for (std::size_t i = s.transfers.size(); i-- > 0;) {
    auto& t = s.transfers[i];
    const auto follower = std::find_if(s.followers.begin(), s.followers.end(),
                                       [&](const progress& f) { return f.node == t.to; });
    const bool silent = self->now() - follower->heard > silence;
    if (silent) probe(rare::transfer_given_up);
    const bool caught_up = t.installed && follower->match >= t.caught_up_at;
    const bool elsewhere = !t.installed && follower->match >= t.what.id.index;
    if (silent || caught_up || elsewhere) {
      finish(self, t);
    } else if (!t.installed && self->now() - t.asked > repeat_after) {
      t.begun = false;
      send_chunk(self, t, {}, 0);  // asks how far it is
    }
  }
}

void forget(leader_actor* self, node_id to) {
  if (auto* t = find(self, to)) finish(self, *t);
}

unsigned percent(const leader_actor& self, node_id to) {
  for (const auto& t : self.state.transfers)
    if (t.to == to && !t.installed)
      return static_cast<unsigned>(t.offset * 100 / std::max<std::uint64_t>(t.what.bytes, 1));
  return 0;
}

}  // namespace us::sending
