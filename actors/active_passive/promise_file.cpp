#include "actors/active_passive/promise_file.hpp"

#include "messages/wire.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "messages/active_passive.capnp.h"

namespace us::active_passive {

namespace {

constexpr std::size_t slot_bytes = 512;
using slot = std::array<std::byte, slot_bytes>;

std::string path_in(const std::string& directory) {
  return directory + "/promise";
}

frame to_frame(const kept_promise& kept) {
  return make_frame<message::LeasePromise>({}, [&](message::LeasePromise::Builder promise) {
    promise.setSequence(kept.sequence);
    promise.setEpoch(kept.promise.epoch.value);
    promise.setHolder(kept.promise.holder.value);
    promise.setMaintenance(kept.maintenance);
  });
}

/// Nothing when the slot holds no whole promise.
std::optional<kept_promise> read_slot(const slot& from) {
  std::optional<kept_promise> read;
  // A slot is longer than what it holds: the reader stops at the padding, after the first frame.
  wire_reader reader{{.bytes_max = slot_bytes}};
  (void)reader.consume(
      from,
      [&read](const frame& f) {
        if (read || f.type() != capnp::typeId<message::LeasePromise>()) return;
        opened_frame opened{f};
        auto promise = opened.body<message::LeasePromise>();
        read = kept_promise{promise.getSequence(),
                            {{promise.getEpoch()}, {promise.getHolder()}},
                            promise.getMaintenance()};
      },
      [](frame_error) {});
  return read;
}

bool empty(const slot& s) {
  return std::all_of(s.begin(), s.end(), [](std::byte b) { return b == std::byte{}; });
}

}  // namespace

result<kept_promise> load_promise(disk& from, const std::string& directory) {
  auto file = from.open(path_in(directory), open_mode::read);
  if (!file) {
    if (file.error().code == errc::not_found) return kept_promise{};
    return file.error();
  }
  std::array<slot, 2> slots{};
  kept_promise newest;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    auto read = (*file)->read_at(i * slot_bytes, slots[i]);
    if (!read) return read.error();
    if (auto kept = read_slot(slots[i]); kept && kept->sequence > newest.sequence) newest = *kept;
  }
  // The very first write, to slot 1, may have been cut short; slot 0 is written after it.
  if (newest.sequence == 0 && !empty(slots[0]))
    return failure{errc::corrupted, path_in(directory) +
                                        " is damaged: what this node has promised is unknown. Stop "
                                        "the whole group, wait for a lease, and remove the file"};
  return newest;
}

status save_promise(disk& to, const std::string& directory, const kept_promise& kept) {
  if (auto made = to.make_directory(directory); !made) return made;
  auto file = to.open(path_in(directory), open_mode::create);
  if (!file) return file.error();
  const auto f = to_frame(kept);
  const auto header = wire_header(f);
  slot bytes{};
  std::copy(header.begin(), header.end(), bytes.begin());
  std::copy(f.payload().begin(), f.payload().end(), bytes.begin() + wire_header_bytes);
  if (auto written = (*file)->write_at(kept.sequence % 2 * slot_bytes, bytes); !written)
    return written;
  if (auto synced = (*file)->sync(); !synced) return synced;
  if (kept.sequence > 2) return done{};
  // Until the second is kept, the names themselves may not be.
  if (auto named = to.sync_directory(directory); !named) return named;
  return to.sync_directory("");
}

}  // namespace us::active_passive
