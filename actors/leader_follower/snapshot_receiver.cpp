#include "actors/leader_follower/snapshot_receiver.hpp"

#include "actors/leader_follower/losing.hpp"
#include "actors/leader_follower/open_store.hpp"
#include "actors/leader_follower/snapshot_blocks.hpp"
#include "runtime/ensure.hpp"
#include "runtime/probe.hpp"

namespace us::receiving {

namespace {

using rules::chunk_verdict;
using rules::snapshot_chunk;

constexpr std::uint64_t snapshot_bytes_max = std::uint64_t{1} << 40;  // of what a leader may claim

/// Of what is received so much is synced at a time: each sync holds up those of the logs on this
/// disk, and so would one of all of it.
constexpr std::uint64_t parts_a_sync = 16;

/// What a job on the disk found or did.
struct outcome {
  status done = us::done{};
  std::uint64_t written = 0;
  snapshot_info info;
  std::unique_ptr<state> records;
  session_table sessions;
  epoch_history epochs;
  configuration members;
};

std::string path_of(const log_files& files, const snapshot_id& id, snapshot_kind kind) {
  return path_in(files.directory, {id.index, id.salt, kind});
}

snapshot_chunk read_chunk(message::SnapshotChunk::Reader from) {
  const auto bytes = from.getBytes();
  return {{{from.getIndex()}, {from.getEntryEpoch()}, from.getSalt()},
          from.getTotal(),
          from.getOffset(),
          {reinterpret_cast<const char*>(bytes.begin()), bytes.size()},
          from.getCheck()};
}

void tell(follower_actor* self, node_id to, const snapshot_id& id, std::uint64_t offset,
          bool finished, bool damaged = false) {
  self->send_to<message::SnapshotReply>(to, [&](message::SnapshotReply::Builder reply) {
    reply.setIndex(id.index.value);
    reply.setSalt(id.salt);
    reply.setOffset(offset);
    reply.setFinished(finished);
    reply.setDamaged(damaged);
  });
}

/// Runs `work(outcome)` on that lane, then `then(outcome)` here, if this role still receives
/// the same snapshot then.
template <class Work, class Then>
void on_disk(follower_actor* self, lane where, Work work, Then then) {
  auto& s = self->state;
  s.receiving->busy = true;
  auto found = std::make_shared<outcome>();
  auto files = self->store().snapshots->files();
  self->node().ports.executor->run(
      where,
      [found, files, work = std::move(work)] {
        found->done = files->preparing.enter([&] { return work(*files, *found); });
      },
      self->handle(), task{[self, found, id = s.receiving->id, then = std::move(then)] {
        auto& now = self->state.receiving;
        if (self->ending() || !now || now->id != id) return;
        now->busy = false;
        if (found->done) return then(*found);
        self->node().ports.log->write(severity::warning, "snapshot_not_received",
                                      {{"error", found->done.error().text}});
        now.reset();  // the leader asks again how far it is
      }});
}

/// What a failed sync covered can be read, but may never reach the disk, and a later sync would say
/// nothing of it: the file goes, and the transfer begins anew.
status sync_or_drop(disk& where, const std::string& path, file& written) {
  auto synced = written.sync();
  if (!synced) (void)where.remove(path);
  return synced;
}

/// Keeps what is there of this snapshot, and deletes what is there of others.
status prepare(const log_files& files, const snapshot_id& id, outcome& found) {
  auto& disk = *files.where;
  auto names = list_snapshots(disk, files.directory);
  if (!names) return names.error();
  for (const auto& name : *names)
    if (name.kind == snapshot_kind::incoming && (name.index != id.index || name.salt != id.salt))
      if (auto removed = disk.remove(path_in(files.directory, name)); !removed) return removed;
  const auto path = path_of(files, id, snapshot_kind::incoming);
  auto opened = disk.open(path, open_mode::create);
  if (!opened) return opened.error();
  auto whole = verified_prefix(disk, path, id);
  if (!whole) return whole.error();
  found.written = *whole;
  if (auto cut = (*opened)->truncate(*whole); !cut) return cut;
  if (auto synced = sync_or_drop(disk, path, **opened); !synced) return synced;
  return disk.sync_directory(files.directory);
}

struct received_part {
  std::uint64_t offset = 0;
  std::string bytes;
  std::uint64_t check = 0;
  bool synced = false;  ///< with all before it

  std::uint64_t end() const { return offset + bytes.size(); }
};

status write(const log_files& files, const snapshot_id& id, const received_part& part) {
  if (chunk_check(id, part.offset, part.bytes) != part.check)
    return failure{errc::corrupted, "a part of a snapshot was damaged on its way"};
  const auto path = path_of(files, id, snapshot_kind::incoming);
  auto opened = files.where->open(path, open_mode::read_write);
  if (!opened) return opened.error();
  auto put = (*opened)->write_at(part.offset, std::as_bytes(std::span{part.bytes}));
  return put && part.synced ? sync_or_drop(*files.where, path, **opened) : put;
}

/// Where the state that is loaded goes, beside the present one.
struct destination {
  engine_ptr engine;
  record_place records;
  std::uint64_t number = 0;
  std::uint64_t present = 0;
};

std::uint64_t number_of(state& records) {
  auto* stored = records.stored();
  return stored != nullptr ? stored->name().number : 0;
}

status load(const log_files& files, const std::string& path, const destination& to,
            outcome& found) try {
  // What an earlier attempt left.
  if (auto removed = remove_states_but(to.records, to.present); !removed) return removed;
  auto made = to.engine->make(to.records, to.number);
  if (!made) return made.error();
  found.records = std::move(*made);
  const auto put = [&](std::span<const state_change> records) {
    (void)found.records->ready({UINT64_MAX});  // nothing names these yet
    found.records->apply(records, {});
  };
  auto read = read_snapshot(*files.where, path,
                            {[&](auto payload) { return found.sessions.load(payload); }, put,
                             [&](auto payload) { return found.epochs.load(payload); },
                             [&](auto payload) { return found.members.load(payload); }});
  if (!read) return read.error();
  if (!read->whole()) return failure{errc::corrupted, path + ": the records are not in it"};
  found.records->apply({}, {read->id.index, read->id.epoch});
  found.info = std::move(*read);
  return done{};
} catch (const state_failure& e) {
  return e.why();
}

/// The records are durable by themselves: what names them takes the place of what was sent.
status keep_without_records(const log_files& files, stored_records& records, outcome& found) {
  if (auto settled = records.settle(); !settled) return settled;
  found.info.store = records.name();
  const auto bytes =
      encode_snapshot_without_records(found.info, found.sessions, found.epochs, found.members);
  auto& disk = *files.where;
  const auto path = path_of(files, found.info.id, snapshot_kind::partial);
  auto opened = disk.open(path, open_mode::create);
  if (!opened) return opened.error();
  if (auto cut = (*opened)->truncate(0); !cut) return cut;
  if (auto put = (*opened)->write_at(0, std::as_bytes(std::span{bytes})); !put) return put;
  if (auto synced = (*opened)->sync(); !synced) return synced;
  found.info.bytes = bytes.size();
  return disk.rename(path, path_of(files, found.info.id, snapshot_kind::installed));
}

/// Verifies the whole file, loads it, and gives it its final name. One that is damaged is deleted.
status finish(const log_files& files, const snapshot_id& id, const destination& to,
              outcome& found) {
  auto& disk = *files.where;
  const auto path = path_of(files, id, snapshot_kind::incoming);
  if (auto loaded = load(files, path, to, found); !loaded) {
    if (loaded.error().code == errc::corrupted) (void)disk.remove(path);
    return loaded;
  }
  found.info.installed = true;
  auto* stored = found.records->stored();
  auto named = stored != nullptr ? keep_without_records(files, *stored, found)
                                 : disk.rename(path, path_of(files, id, snapshot_kind::installed));
  if (!named) return named;
  if (auto synced = disk.sync_directory(files.directory); !synced) return synced;
  if (stored != nullptr) (void)disk.remove(path);  // what stays goes with the next one
  return done{};
}

destination destination_of(follower_actor* self) {
  const auto& node = self->node();
  return {self->group().engine,
          {node.ports.disk, record_directory(self->group().directory)},
          node.ports.random->next() | 1,
          number_of(*self->store().state)};
}

/// Everything is on the disk and loaded. No entry was taken meanwhile.
void install(follower_actor* self, node_id leader, outcome& found) {
  auto& s = self->state;
  auto& store = self->store();
  const auto id = found.info.id;
  const auto total = s.receiving->total;
  ensure(rules::needs_snapshot(*store.log, store.commit, id), id.index.value);
  probe(rare::snapshot_installed);
  s.receiving.reset();
  if (found.members.index() > self->configuration().index()) probe(rare::members_by_snapshot);
  auto former = std::make_shared<std::unique_ptr<state>>(std::move(store.state));
  store.install(found.info, std::move(found.records), std::move(found.sessions),
                std::move(found.epochs), std::move(found.members));
  self->learn_members();
  s.verified = id.index;
  s.acknowledges = false;
  self->node().ports.log->write(severity::event,
                                self->node().name + " caught up by a snapshot of " +
                                    std::to_string(found.info.records) + " records");
  // Freeing a large state takes its time: not on this thread.
  self->node().ports.executor->run(
      lane::idle,
      [former, kept = destination_of(self)] {
        former->reset();
        (void)remove_states_but(kept.records, kept.present);  // else at the next opening
      },
      self->handle(), task{});
  tell(self, leader, id, total, true);
}

void go_on(follower_actor* self, node_id leader);

/// The snapshot takes the place of everything that is not committed here.
bool may_install(follower_actor* self, node_id leader) {
  auto& now = *self->state.receiving;
  now.busy = true;
  const auto why = "a snapshot of leader " + self->name_of(leader) + " took its place";
  const bool noted = losing::noted_after(self, self->store().commit, why,
                                         [self, leader, id = now.id](bool noted_now) {
                                           auto& again = self->state.receiving;
                                           if (!again || again->id != id) return;
                                           again->busy = false;
                                           if (noted_now) return go_on(self, leader);
                                           again.reset();  // the leader asks again how far it is
                                         });
  if (noted) now.busy = false;
  return noted;
}

void go_on(follower_actor* self, node_id leader) {
  auto& now = *self->state.receiving;
  if (now.written < now.total || now.total == 0)
    return tell(self, leader, now.id, now.written, false);
  if (!rules::needs_snapshot(*self->store().log, self->store().commit, now.id)) {
    probe(rare::snapshot_came_late);  // entries of another leader were faster
    tell(self, leader, now.id, now.total, true);
    self->state.receiving.reset();
    return;
  }
  if (!may_install(self, leader)) return;
  now.installing = true;
  on_disk(
      self, lane::idle,
      [id = now.id, to = destination_of(self)](const log_files& files, outcome& found) {
        auto done = finish(files, id, to, found);
        found.written = 0;
        if (done || done.error().code != errc::corrupted) return done;
        found.info = {};
        return status{us::done{}};
      },
      [self, leader](outcome& found) {
        if (!found.info.id.index.none()) return install(self, leader, found);
        auto& again = *self->state.receiving;
        again.written = 0;
        tell(self, leader, again.id, 0, false, true);
        self->state.receiving.reset();
      });
}

void begin(follower_actor* self, node_id leader, const snapshot_chunk& chunk) {
  auto& s = self->state;
  s.receiving = rules::reception{chunk.id, chunk.total, 0, false};
  on_disk(
      self, lane::bulk,
      [id = chunk.id](const log_files& files, outcome& found) { return prepare(files, id, found); },
      [self, leader](outcome& found) {
        if (found.written > 0) probe(rare::transfer_resumed);
        self->state.receiving->written = found.written;
        go_on(self, leader);
      });
}

}  // namespace

void take(follower_actor* self, message::SnapshotChunk::Reader from_leader, const sender& from) {
  auto& s = self->state;
  auto& store = self->store();
  const auto chunk = read_chunk(from_leader);
  if (!store.snapshots || chunk.total > snapshot_bytes_max) return;
  if (!rules::needs_snapshot(*store.log, store.commit, chunk.id)) {
    if (!s.receiving || !s.receiving->busy) s.receiving.reset();
    return tell(self, from.node, chunk.id, chunk.total, true);
  }
  switch (rules::judge(s.receiving, chunk)) {
    case chunk_verdict::ignored: return;
    case chunk_verdict::repeats:
      return tell(self, from.node, s.receiving->id, s.receiving->written, false);
    case chunk_verdict::begins: return begin(self, from.node, chunk);
    case chunk_verdict::taken: break;
  }
  received_part part{chunk.offset, std::string{chunk.bytes}, chunk.check};
  const auto a_sync = parts_a_sync * self->group().limits.snapshot_chunk_bytes;
  const auto end = part.end();
  part.synced = end == chunk.total || end / a_sync > part.offset / a_sync;
  on_disk(
      self, lane::bulk,
      [id = s.receiving->id, part = std::move(part)](const log_files& files, outcome&) {
        return write(files, id, part);
      },
      [self, leader = from.node, end](outcome&) {
        self->state.receiving->written = end;
        go_on(self, leader);
      });
}

}  // namespace us::receiving
