#include "actors/leader_follower/snapshots.hpp"

#include "actors/leader_follower/snapshot_blocks.hpp"
#include "actors/leader_follower/store.hpp"
#include "runtime/ensure.hpp"
#include "runtime/mutants.hpp"
#include "runtime/probe.hpp"

#include <algorithm>

namespace us {

namespace {

constexpr auto retry_after = std::chrono::seconds{1};
constexpr auto look_again_after = std::chrono::milliseconds{20};
constexpr auto wanted_for = std::chrono::seconds{30};
constexpr duration ages_min = std::chrono::seconds{1};  // between two looks at what is too old
constexpr duration ages_max = std::chrono::minutes{10};
constexpr std::uint64_t at_once = UINT64_MAX / 2;  // as many bytes of entries call for a snapshot

snapshot_name name_of(const snapshot_info& which, snapshot_kind kind) {
  return {which.id.index, which.id.salt, kind};
}

/// What roles that ended left half taken.
status remove_abandoned(const log_files& files, const std::string& but) {
  auto names = list_snapshots(*files.where, files.directory);
  if (!names) return names.error();
  for (const auto& name : *names) {
    const auto path = path_in(files.directory, name);
    if (name.kind != snapshot_kind::partial || path == but) continue;
    if (auto removed = files.where->remove(path); !removed) return removed;
  }
  return done{};
}

}  // namespace

/// What is written next, and what became of it.
struct snapshots::piece {
  std::shared_ptr<log_files> files;
  std::string path;
  std::shared_ptr<file> handle;
  std::uint64_t offset = 0;
  std::string bytes;
  std::uint64_t records = 0;  ///< so far
  bool last = false;
  status outcome = done{};
  std::shared_ptr<record_cursor> from = {};  ///< null: filled by the owner
  snapshot_info of = {};                     ///< with `from`
  std::size_t bytes_max = 0;                 ///< with `from`

  void run() noexcept {
    outcome = files->preparing.enter([this]() -> status {
      if (handle && from)
        if (auto filled = fill(); !filled) return filled;
      if (!handle) {
        if (auto removed = remove_abandoned(*files, path); !removed) return removed;
        auto opened = files->where->open(path, open_mode::create);
        if (!opened) return opened.error();
        handle = std::move(*opened);
        if (auto cut = handle->truncate(0); !cut) return cut;
      }
      auto put = handle->write_at(offset, std::as_bytes(std::span{bytes}));
      return put ? handle->sync() : put;
    });
  }

  status fill() {
    bytes.clear();
    const auto block = begin_block(bytes);
    auto more = from->read(bytes_max, [this](std::string_view key, std::string_view value) {
      encode_record(key, value, bytes);
      ++records;
    });
    if (!more) return more.error();
    end_block(of.id, snapshot_block::records, bytes, block, offset);
    if (*more) return done{};
    last = true;
    of.records = records;
    encode_snapshot_end(of, bytes, offset + bytes.size());
    return done{};
  }
};

snapshots::snapshots(const ports& with, std::shared_ptr<log_files> files,
                     std::vector<snapshot_info> found)
    : ports_(with), files_(std::move(files)), kept_(std::move(found)) {}

snapshots::~snapshots() {
  if (ownership_) ownership_->self = nullptr;
}

void snapshots::attach(caf::actor owner, replica_store& store, const group_limits& limits) {
  if (ownership_) ownership_->self = nullptr;
  ownership_ = std::make_shared<ownership>(ownership{this});
  owner_ = std::move(owner);
  store_ = &store;
  limits_ = limits;
  held_.clear();
  wanted_until_ = {};
  if (phase_ != phase::idle) probe(rare::snapshot_dropped);
  phase_ = phase::idle;
  piece_.reset();
  watch_ages();
}

/// Entries become too old also where nothing happens. A quiet group's roles have no other timer.
void snapshots::watch_ages() {
  const auto wait = std::clamp<duration>(limits_.retain.age / 8, ages_min, ages_max);
  ports_.clock->after(wait, owner_, for_owner([](snapshots& self) {
                        self.forget_old();
                        self.watch_ages();
                      }));
}

std::string snapshots::path_of(const log_files& files, const snapshot_info& which) {
  return path_in(files.directory,
                 name_of(which, which.installed ? snapshot_kind::installed : snapshot_kind::taken));
}

stored_records* snapshots::stored() const {
  return store_ != nullptr ? store_->state->stored() : nullptr;
}

const snapshot_info* snapshots::to_send() const {
  if (stored() == nullptr) return newest();
  const auto first = store_->log->first_index();
  const auto at = std::ranges::find_if(kept_, [&](const snapshot_info& each) {
    return each.whole() && each.id.index.next() >= first;
  });
  return at == kept_.end() ? nullptr : &*at;
}

bool snapshots::wanted_now() const {
  return ports_.clock->now() < wanted_until_;
}

const snapshot_info* snapshots::wanted() {
  if (owner_ && stored() != nullptr) {
    wanted_until_ = ports_.clock->now() + wanted_for;
    advance();
  }
  return to_send();
}

bool snapshots::needless(const snapshot_info& which) const {
  return stored() != nullptr && which.whole() && !held_.contains(which.id) && !wanted_now();
}

bool snapshots::due() const {
  const auto* last = newest();
  // What is lost no more is told by entries that a snapshot makes needless.
  if (store_->losses && !store_->losses->idle()) return false;
  if (store_->applied < store_->complete || ports_.clock->now() < not_before_) return false;
  if (last != nullptr && needless(*last)) return true;
  // A disk that was full may have space again: found out by trying.
  if (auto* on_disk = stored(); on_disk != nullptr && !on_disk->written()) return true;
  if (store_->applied.none() || (last != nullptr && last->id.index >= store_->applied))
    return false;
  const auto least = last != nullptr && stored() == nullptr ? last->bytes : 0;
  return store_->bytes_since_snapshot >= std::max(limits_.snapshot_bytes, least);
}

void snapshots::advance() {
  if (!owner_) return;
  const bool lacks = stored() != nullptr && wanted_now() && to_send() == nullptr;
  const bool may = store_->applied >= store_->complete && ports_.clock->now() >= not_before_;
  if (phase_ == phase::idle && lacks && may) return begin_whole();
  if (phase_ == phase::idle && due()) return begin();
  if (phase_ == phase::until_durable && store_->log->synced_index() >= now_.complete) name_it();
}

void snapshots::start(store_name records) {
  const auto epoch = store_->log->epoch_at(store_->applied);
  ensure(epoch.has_value(), store_->applied.value);
  now_ = {};
  now_.store = std::move(records);
  now_.id = {store_->applied, *epoch, ports_.random->next()};
  slot_ = 0;
  piece_ = std::make_shared<piece>();
  piece_->files = files_;
  piece_->path = path_in(files_->directory, name_of(now_, snapshot_kind::partial));
}

void snapshots::begin() {
  auto* on_disk = stored();
  start(on_disk != nullptr ? on_disk->name() : store_name{});
  store_->bytes_since_snapshot = 0;
  const auto& members = store_->members.at(now_.id.index);
  if (on_disk == nullptr) {
    piece_->bytes = encode_snapshot_begin(now_, store_->sessions, store_->history, members);
    phase_ = phase::walking;
    return write();
  }
  now_.complete = now_.id.index;
  piece_->bytes = encode_snapshot_without_records(now_, store_->sessions, store_->history, members);
  piece_->last = true;
  phase_ = phase::until_written;
  on_disk->write_out();
  await_written();
}

/// The records as they are at this moment, read by the jobs.
void snapshots::begin_whole() {
  start({});
  now_.complete = now_.id.index;
  piece_->from = stored()->cursor();
  piece_->of = now_;
  piece_->bytes_max = limits_.snapshot_chunk_bytes;
  piece_->bytes = encode_snapshot_begin(now_, store_->sessions, store_->history,
                                        store_->members.at(now_.id.index));
  phase_ = phase::walking;
  write();
}

void snapshots::await_written() {
  (void)store_->state->ready(store_->log->synced_index());
  const auto written = stored()->written();
  if (!written) return give_up(written.error());
  if (*written < now_.id.index)
    return ports_.clock->after(look_again_after, owner_,
                               for_owner([](snapshots& self) { self.await_written(); }));
  phase_ = phase::walking;
  write();
}

/// The next slots' records, and the end when there are no more.
void snapshots::fill() {
  auto& bytes = piece_->bytes;
  bytes.clear();
  const auto block = begin_block(bytes);
  const auto more = [&] { return (slot_ = store_->state->next_used(slot_)) < state::slots; };
  while (bytes.size() < limits_.snapshot_chunk_bytes && more())
    store_->state->each_in_slot(slot_++, [&](std::string_view key, std::string_view value) {
      encode_record(key, value, bytes);
      ++piece_->records;
    });
  end_block(now_.id, snapshot_block::records, bytes, block, piece_->offset);
  if (more()) return;
  piece_->last = true;
  now_.records = piece_->records;
  now_.complete = store_->applied;
  if (now_.complete > now_.id.index) probe(rare::snapshot_fuzzy);
  encode_snapshot_end(now_, bytes, piece_->offset + bytes.size());
}

void snapshots::write() {
  piece_begun_ = ports_.clock->now();
  ports_.executor->run(
      lane::bulk, [job = piece_] { job->run(); }, owner_,
      for_owner([](snapshots& self) { self.written(); }));
}

void snapshots::written() {
  if (!piece_->outcome) return give_up(piece_->outcome.error());
  piece_->offset += piece_->bytes.size();
  if (piece_->last) {
    now_.bytes = piece_->offset;
    now_.records = piece_->records;
    phase_ = phase::until_durable;
    return advance();
  }
  const auto share = static_cast<double>(piece_->bytes.size()) /
                     static_cast<double>(std::max<std::uint64_t>(limits_.snapshot_rate, 1));
  const auto pause = std::chrono::duration_cast<duration>(std::chrono::duration<double>{share}) -
                     (ports_.clock->now() - piece_begun_);
  ports_.clock->after(pause, owner_, for_owner([](snapshots& self) {
                        if (!self.piece_->from) self.fill();
                        self.write();
                      }));
}

void snapshots::name_it() {
  phase_ = phase::naming;
  auto job = [files = files_, piece = piece_,
              to = path_in(files_->directory, name_of(now_, snapshot_kind::taken))] {
    piece->outcome = files->preparing.enter([&]() -> status {
      piece->handle.reset();
      piece->from.reset();
      if (auto renamed = files->where->rename(piece->path, to); !renamed) return renamed;
      return files->where->sync_directory(files->directory);
    });
  };
  ports_.executor->run(lane::bulk, std::move(job), owner_,
                       for_owner([](snapshots& self) { self.named(); }));
}

void snapshots::named() {
  if (!piece_->outcome) return give_up(piece_->outcome.error());
  probe(rare::snapshot_taken);
  phase_ = phase::idle;
  piece_.reset();
  ports_.log->write(severity::info, "snapshot_taken",
                    {{"index", now_.id.index.value},
                     {"complete", now_.complete.value},
                     {"records", now_.records},
                     {"bytes", now_.bytes}});
  kept_.insert(kept_.begin(), now_);
  forget_old();
}

void snapshots::give_up(const failure& why) {
  if (stored() != nullptr && why.code == errc::corrupted) throw state_failure{why};
  ports_.log->write(severity::warning, "snapshot_failed", {{"error", why.text}});
  phase_ = phase::idle;
  piece_.reset();
  store_->bytes_since_snapshot = at_once;
  not_before_ = ports_.clock->now() + retry_after;
}

void snapshots::add(snapshot_info installed) {
  installed.installed = true;
  // What is being taken is of a state that is no more.
  if (ownership_) attach(owner_, *store_, limits_);
  std::erase_if(kept_, [&](const snapshot_info& s) { return s.id == installed.id; });
  kept_.insert(kept_.begin(), installed);
  store_->bytes_since_snapshot = 0;
  forget_old();
}

void snapshots::hold(const snapshot_id& id) {
  held_.insert(id);
}

void snapshots::release(const snapshot_id& id) {
  if (auto at = held_.find(id); at != held_.end()) held_.erase(at);
  forget_old();
}

void snapshots::discard(const snapshot_id& id) {
  auto at =
      std::find_if(kept_.begin(), kept_.end(), [&](const snapshot_info& s) { return s.id == id; });
  if (at == kept_.end()) return;
  const auto path = path_of(*files_, *at);
  ports_.log->write(severity::error, "snapshot_damaged", {{"file", path}});
  kept_.erase(at);
  ports_.executor->run(
      lane::bulk,
      [files = files_, path] {
        (void)files->preparing.enter([&] { return files->where->rename(path, path + ".damaged"); });
      },
      owner_, task{});
  store_->bytes_since_snapshot = at_once;
  advance();
}

/// Keeps the newest, one more as long as the log reaches back to it, and those that are being sent.
void snapshots::forget_old() {
  if (kept_.empty()) return;
  auto up_to = kept_.front().id.index;
  if (!held_.empty()) up_to = std::min(up_to, held_.begin()->index);
  if (mutant(bug::log_cut_beyond_snapshot)) up_to = store_->log->synced_index();
  store_->log->compact(std::min(up_to, store_->log->synced_index()), limits_.retain);
  const auto first = store_->log->first_index();
  std::vector<std::string> gone;
  for (std::size_t i = kept_.size(); i-- > 1;) {
    const bool reached = i == 1 && kept_[i].id.index.next() >= first;
    const bool stays = reached || (wanted_now() && &kept_[i] == to_send());
    if (held_.contains(kept_[i].id) || (stays && !needless(kept_[i]))) continue;
    gone.push_back(path_of(*files_, kept_[i]));
    kept_.erase(kept_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  if (gone.empty()) return;
  ports_.executor->run(
      lane::bulk,
      [files = files_, gone = std::move(gone)] {
        // What stays is deleted after the next opening.
        (void)files->preparing.enter([&]() -> status {
          for (const auto& path : gone) (void)files->where->remove(path);
          return files->where->sync_directory(files->directory);
        });
      },
      owner_, task{});
}

}  // namespace us
