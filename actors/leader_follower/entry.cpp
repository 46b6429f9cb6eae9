#include "actors/leader_follower/entry.hpp"

#include "actors/leader_follower/repeated_bytes.hpp"
#include "messages/frame.hpp"
#include "runtime/service/record.hpp"

#include <algorithm>

namespace us {

namespace {

capnp::Data::Reader data_of(const std::string& bytes) {
  return {reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()};
}

std::string text_of(capnp::Data::Reader data) {
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}

change change_of(message::Change::Reader reader) {
  switch (reader.which()) {
    case message::Change::VALUE:
      return {change_kind::put, text_of(reader.getKey()), text_of(reader.getValue())};
    case message::Change::ERASED: return {change_kind::erased, text_of(reader.getKey()), {}};
    case message::Change::CLEARED: break;
  }
  return {change_kind::cleared, {}, {}};
}

constexpr std::size_t words_for(std::size_t bytes) {
  return bytes / sizeof(capnp::word) + 1;
}

// Upper bound of the encoded size, so that the message is one segment.
std::size_t encoded_words(const entry_content& content) {
  std::size_t words = 16;
  for (const auto& c : content.changes)
    words += 4 + words_for(c.key.size()) + words_for(c.value.size());
  for (const auto& o : content.outcomes) words += 4 + words_for(o.reply.size());
  words += content.early.size() * 8 + words_for(content.bodies.size());
  for (const auto& m : content.members)
    words += 6 + words_for(m.name.size() + 1) + words_for(m.address.size() + 1);
  return words + content.sessions.size() * 3;
}

void encode_early(capnp::List<message::EarlyRequest>::Builder list, const entry_content& content) {
  for (unsigned i = 0; i < list.size(); ++i) {
    const auto& from = content.early[i];
    auto to = list[i];
    to.setOutcome(static_cast<std::uint32_t>(from.outcome));
    to.setChangesBegin(static_cast<std::uint32_t>(from.changes_begin));
    to.setChangesEnd(static_cast<std::uint32_t>(from.changes_end));
    to.setType(from.type);
    const bool changed = from.changes_begin < content.changes.size();
    const auto whole = content.body_of(from);
    const auto same = changed ? find_repeated(whole, content.changes[from.changes_begin].value)
                              : repeated_bytes{};
    auto body = to.initBody(static_cast<unsigned>(whole.size() - same.size));
    whole.copy(reinterpret_cast<char*>(body.begin()), same.in_request);
    whole.substr(same.in_request + same.size)
        .copy(reinterpret_cast<char*>(body.begin()) + same.in_request, whole.size());
    if (same.size == 0) continue;
    to.setRepeatedAt(static_cast<std::uint32_t>(same.in_request));
    to.setRepeatedSize(static_cast<std::uint32_t>(same.size));
    to.setRepeatedChange(static_cast<std::uint32_t>(from.changes_begin));
    to.setRepeatedFrom(static_cast<std::uint32_t>(same.in_record));
  }
}

void encode_members(capnp::List<message::GroupMember>::Builder list,
                    const std::vector<group_member>& members) {
  for (unsigned i = 0; i < list.size(); ++i) {
    list[i].setNode(members[i].node.value);
    list[i].setName(members[i].name);
    list[i].setAddress(members[i].address);
    list[i].setKind(static_cast<std::uint8_t>(members[i].kind));
  }
}

void encode_changes(capnp::List<message::Change>::Builder list, const std::deque<change>& changes) {
  for (unsigned i = 0; i < list.size(); ++i) {
    const auto& from = changes[i];
    auto to = list[i];
    to.setKey(data_of(from.key));
    switch (from.kind) {
      case change_kind::put: to.setValue(data_of(from.value)); break;
      case change_kind::erased: to.setErased(); break;
      case change_kind::cleared: to.setCleared(); break;
    }
  }
}

}  // namespace

log_entry encode_entry(log_index index, us::epoch epoch, const entry_content& content) {
  auto bytes = std::make_shared<std::string>();
  in_place_builder message{*bytes, encoded_words(content)};
  auto root = message.initRoot<message::LogEntry>();
  root.setIndex(index.value);
  root.setEpoch(epoch.value);
  root.setWallMillis(content.wall_ms);
  root.setLeader(content.leader.value);
  if (!content.early.empty())
    encode_early(root.initEarly(static_cast<unsigned>(content.early.size())), content);
  if (!content.changes.empty())
    encode_changes(root.initChanges(static_cast<unsigned>(content.changes.size())),
                   content.changes);
  if (!content.outcomes.empty()) {
    auto list = root.initOutcomes(static_cast<unsigned>(content.outcomes.size()));
    for (unsigned i = 0; i < list.size(); ++i) {
      list[i].setSession(content.outcomes[i].session.value);
      list[i].setSequence(content.outcomes[i].sequence.value);
      list[i].setReply(data_of(content.outcomes[i].reply));
    }
  }
  if (!content.sessions.empty()) {
    auto list = root.initSessions(static_cast<unsigned>(content.sessions.size()));
    for (unsigned i = 0; i < list.size(); ++i) {
      list[i].setSession(content.sessions[i].session.value);
      list[i].setFirstOpen(content.sessions[i].first_open.value);
    }
  }
  if (!content.members.empty())
    encode_members(root.initMembers(static_cast<unsigned>(content.members.size())),
                   content.members);
  message.finish();
  return {index, epoch, std::move(bytes)};
}

opened_entry::opened_entry(const log_entry& entry)
    : bytes_(entry.bytes),
      reader_(as_words(*bytes_), reader_options(bytes_->size() / sizeof(capnp::word))) {}

entry_content effects_of(const log_entry& entry) {
  opened_entry opened{entry};
  auto from = opened.get();
  entry_content content;
  for (auto c : from.getChanges()) content.changes.push_back(change_of(c));
  for (auto o : from.getOutcomes())
    content.outcomes.push_back({{o.getSession()}, {o.getSequence()}, text_of(o.getReply())});
  for (auto m : from.getSessions())
    content.sessions.push_back({{m.getSession()}, {m.getFirstOpen()}});
  return content;
}

std::optional<std::string> body_of(message::EarlyRequest::Reader early,
                                   capnp::List<message::Change>::Reader changes) {
  auto body = text_of(early.getBody());
  const std::size_t size = early.getRepeatedSize();
  if (size == 0) return body;
  if (early.getRepeatedChange() >= changes.size() || early.getRepeatedAt() > body.size())
    return std::nullopt;
  const auto change = changes[early.getRepeatedChange()];
  const std::size_t from = early.getRepeatedFrom();
  if (!change.isValue() || from + size > change.getValue().size()) return std::nullopt;
  body.insert(early.getRepeatedAt(), text_of(change.getValue()).substr(from, size));
  return body;
}

std::optional<configuration> configuration_in(const log_entry& entry) {
  opened_entry opened{entry};
  auto list = opened.get().getMembers();
  if (list.size() == 0 || list.size() > members_max) return std::nullopt;
  std::vector<group_member> members;
  for (auto each : list) {
    const auto kind = member_kind_of(each.getKind());
    if (!kind) return std::nullopt;
    members.push_back({{each.getNode()}, each.getName(), each.getAddress(), *kind});
  }
  return configuration{entry.index, std::move(members)};
}

log_entry without_data(const log_entry& entry) {
  opened_entry opened{entry};
  entry_content kept;
  kept.wall_ms = opened.get().getWallMillis();
  kept.leader = {opened.get().getLeader()};
  if (auto members = configuration_in(entry)) kept.members = members->members();
  return encode_entry(entry.index, entry.epoch, kept);
}

std::optional<log_entry> decode_entry(capnp::Data::Reader bytes) {
  if (bytes.size() == 0 || bytes.size() % sizeof(capnp::word) != 0) return std::nullopt;
  log_entry entry;
  entry.bytes = std::make_shared<const std::string>(reinterpret_cast<const char*>(bytes.begin()),
                                                    bytes.size());
  opened_entry opened{entry};
  auto root = opened.get();
  if (root.getIndex() == 0) return std::nullopt;
  (void)root.totalSize();  // throws here, not when it is applied, if a pointer is out of bounds
  entry.index = {root.getIndex()};
  entry.epoch = {root.getEpoch()};
  return entry;
}

}  // namespace us
