#include "runtime/simulation/sim_disk.hpp"
#include "runtime/simulation/sim_file.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

namespace us::sim {

namespace {

std::string parent(const std::string& path) {
  auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string{} : path.substr(0, slash);
}

failure not_found(const std::string& path) {
  return {errc::not_found, path + ": no such file or directory"};
}

}  // namespace

// -- faults

void disk_image::unhang() {
  if (std::exchange(hanging_, false) && when_mended_) when_mended_();
}

void disk_image::mend() {
  capacity_ = 0;
  fail_writes_ = fail_syncs_ = fail_reads_ = flip_bits_ = 0;
  slowness_ = 1;
  unhang();
}

void disk_image::lose_unsynced() {
  ++boot_;
  crash_counts lost;
  const auto kept = changes_.empty() ? 0 : chance_.between(0, changes_.size());
  for (std::size_t i = 0; i < kept; ++i) apply(durable_, changes_[i]);
  forget_orphans();
  lost.lost += changes_.size() - kept;
  changes_.clear();
  for (auto& [path, content] : durable_)
    if (content) content->lose_unsynced(chance_, lost);
  current_ = durable_;
  counts_.writes_lost += lost.lost;
  counts_.writes_torn += lost.torn;
  recount();
}

void disk_image::erase() {
  durable_.clear();
  current_.clear();
  changes_.clear();
  recount();
}

std::size_t disk_image::unsynced() const {
  auto count = changes_.size();
  for (const auto& [path, content] : current_)
    if (content) count += content->pending.size();
  return count;
}

bool disk_image::damage(const std::string& path, std::uint64_t offset) {
  auto f = find(path);
  if (!f || offset >= f->current.size()) return false;
  const auto bit = static_cast<unsigned>(chance_.between(0, 7));
  f->current.flip(offset, bit);
  if (offset < f->durable.size()) f->durable.flip(offset, bit);
  return true;
}

// -- names

disk_image::file_ptr disk_image::find(const std::string& path) const {
  auto at = current_.find(path);
  return at == current_.end() ? nullptr : at->second;
}

bool disk_image::is_directory(const std::string& path) const {
  if (path.empty()) return true;
  auto at = current_.find(path);
  return at != current_.end() && !at->second;
}

result<disk_image::file_ptr> disk_image::create(const std::string& path) {
  if (!is_directory(parent(path))) return not_found(parent(path));
  if (is_directory(path)) return failure{errc::io_failed, path + ": is a directory"};
  auto made = std::make_shared<stored_file>();
  change_tree({change::kind::add, path, {}, made});
  return made;
}

status disk_image::make_directory(const std::string& path) {
  if (is_directory(path)) return done{};
  if (find(path)) return failure{errc::io_failed, path + ": is a file"};
  // With its parents, as mkdir -p.
  if (auto up = parent(path); !is_directory(up))
    if (auto made = make_directory(up); !made) return made;
  change_tree({change::kind::add, path, {}, nullptr});
  return done{};
}

status disk_image::rename(const std::string& from, const std::string& to) {
  if (!current_.contains(from)) return not_found(from);
  if (!is_directory(parent(to))) return not_found(parent(to));
  if (from == to) return done{};
  const auto directory = is_directory(from);
  if (current_.contains(to) && (directory != is_directory(to) || !list(to).empty()))
    return failure{errc::io_failed, to + ": cannot be replaced by " + from};
  if (directory && to.starts_with(from + "/"))
    return failure{errc::io_failed, from + ": cannot be moved into itself"};
  change_tree({change::kind::rename, from, to, current_[from]});
  return done{};
}

status disk_image::remove(const std::string& path) {
  if (!current_.contains(path)) return not_found(path);
  if (is_directory(path) && !list(path).empty())
    return failure{errc::io_failed, path + ": directory not empty"};
  change_tree({change::kind::remove, path, {}, nullptr});
  return done{};
}

std::vector<std::string> disk_image::list(const std::string& directory) const {
  std::vector<std::string> names;
  for (const auto& [path, content] : current_)
    if (parent(path) == directory)
      names.push_back(path.substr(directory.empty() ? 0 : directory.size() + 1));
  return names;
}

void disk_image::sync_directory(const std::string& directory) {
  std::vector<change> left;
  for (auto& each : changes_) {
    const auto renamed = each.what == change::kind::rename;
    if (parent(each.path) != directory && !(renamed && parent(each.to) == directory)) {
      left.push_back(std::move(each));
      continue;
    }
    apply(durable_, each);
    // A rename into this directory is durable before the making under the old name is: a file has
    // one name.
    if (renamed)
      std::erase_if(left, [&](const change& c) {
        return c.what == change::kind::add && c.path == each.path;
      });
  }
  changes_ = std::move(left);
}

// What lies in a directory whose own making was lost is lost with it.
void disk_image::forget_orphans() {
  for (auto at = durable_.begin(); at != durable_.end();) {
    const auto up = parent(at->first);
    const auto above = durable_.find(up);
    if (up.empty() || (above != durable_.end() && !above->second))
      ++at;
    else
      at = durable_.erase(at);
  }
}

void disk_image::apply(tree& where, const change& c) {
  switch (c.what) {
    case change::kind::add: where[c.path] = c.content; return;
    case change::kind::remove: where.erase(c.path); return;
    case change::kind::rename: break;
  }
  where.erase(c.path);
  where[c.to] = c.content;
  if (c.content) return;
  // A directory takes along what is in it.
  const auto prefix = c.path + "/";
  for (auto at = where.lower_bound(prefix); at != where.end() && at->first.starts_with(prefix);) {
    where[c.to + "/" + at->first.substr(prefix.size())] = at->second;
    at = where.erase(at);
  }
}

void disk_image::change_tree(change c) {
  for (const auto& name : {c.path, c.to})
    if (auto replaced = find(name)) replaced->linked = false;
  apply(current_, c);
  changes_.push_back(std::move(c));
  recount();
}

// -- space

std::uint64_t disk_image::room() const {
  if (capacity_ == 0) return std::numeric_limits<std::uint64_t>::max();
  return capacity_ > used_ ? capacity_ - used_ : 0;
}

void disk_image::note_size(const stored_file& f, std::uint64_t before) {
  if (f.linked) used_ = used_ - before + f.current.size();
}

void disk_image::recount() {
  used_ = 0;
  for (auto& [path, content] : current_) {
    if (!content) continue;
    content->linked = true;
    used_ += content->current.size();
  }
}

// -- bytes

status disk_image::write(stored_file& f, std::uint64_t offset, std::span<const std::byte> bytes) {
  ++counts_.writes;
  auto fits = bytes.size();
  const auto before = f.current.size();
  const auto end = offset + bytes.size();
  // A file without a name takes no space that is counted.
  const auto full = f.linked && end > before && end - before > room();
  const auto failed = chance_.chance(fail_writes_);
  if (full)
    fits = static_cast<std::size_t>(before + room() > offset ? before + room() - offset : 0);
  else if (failed)
    fits = static_cast<std::size_t>(chance_.between(0, bytes.size()));
  if (fits > 0) f.write(offset, bytes.first(fits));
  note_size(f, before);
  counts_.bytes_written += fits;
  if (!full && !failed) return done{};
  ++counts_.errors;
  if (full) return failure{errc::disk_full, "no space left on the simulated disk"};
  return failure{errc::io_failed, "write: input/output error (simulated)"};
}

result<std::size_t> disk_image::read(stored_file& f, std::uint64_t offset,
                                     std::span<std::byte> into) {
  if (chance_.chance(fail_reads_)) {
    ++counts_.errors;
    return failure{errc::io_failed, "read: input/output error (simulated)"};
  }
  const auto count = f.current.read(offset, into);
  if (count > 0 && chance_.chance(flip_bits_)) {
    ++counts_.bits_flipped;
    into[chance_.between(0, count - 1)] ^= std::byte{1} << chance_.between(0, 7);
  }
  return count;
}

status disk_image::truncate(stored_file& f, std::uint64_t size) {
  const auto before = f.current.size();
  if (f.linked && size > before && size - before > room()) {
    ++counts_.errors;
    return failure{errc::disk_full, "no space left on the simulated disk"};
  }
  f.truncate(size);
  note_size(f, before);
  return done{};
}

status disk_image::sync(stored_file& f) {
  ++counts_.syncs;
  if (!chance_.chance(fail_syncs_)) {
    f.sync();
    return done{};
  }
  ++counts_.errors;
  crash_counts lost;
  f.decide_pending(chance_, lost);
  return failure{errc::io_failed, "fsync: input/output error (simulated)"};
}

}  // namespace us::sim
