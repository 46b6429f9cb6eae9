#include "actors/leader_follower/snapshot_blocks.hpp"

#include "runtime/mutants.hpp"

namespace us {

namespace {

/// `to` begins where the snapshot does.
template <class Fill>
void add_block(const snapshot_info& of, snapshot_block kind, std::string& to, Fill fill) {
  const auto begun = begin_block(to);
  fill(to);
  end_block(of.id, kind, to, begun, begun);
}

}  // namespace

std::string encode_snapshot_begin(const snapshot_info& of, const session_table& sessions,
                                  const epoch_history& epochs, const configuration& members) {
  std::string bytes;
  encode_snapshot_head(of.id, bytes, of.whole() ? snapshot_format_whole : snapshot_format_version);
  add_block(of, snapshot_block::sessions, bytes, [&](std::string& to) { sessions.save(to); });
  add_block(of, snapshot_block::epochs, bytes, [&](std::string& to) { epochs.save(to); });
  if (!mutant(bug::members_not_in_snapshot))
    add_block(of, snapshot_block::members, bytes, [&](std::string& to) { members.save(to); });
  return bytes;
}

void encode_snapshot_end(const snapshot_info& of, std::string& to, std::uint64_t offset) {
  const auto begun = begin_block(to);
  encode_end({of.complete, of.records}, to);
  end_block(of.id, snapshot_block::end, to, begun, offset);
}

std::string encode_snapshot_without_records(const snapshot_info& of, const session_table& sessions,
                                            const epoch_history& epochs,
                                            const configuration& members) {
  auto bytes = encode_snapshot_begin(of, sessions, epochs, members);
  add_block(of, snapshot_block::store, bytes, [&](std::string& to) { encode_store(of.store, to); });
  auto none = of;
  none.records = 0;  // in the file; `of` may know how many its store has
  encode_snapshot_end(none, bytes, bytes.size());
  return bytes;
}

}  // namespace us
