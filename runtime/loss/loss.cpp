#include "runtime/loss/loss.hpp"

#include "messages/frame.hpp"
#include "runtime/service/record.hpp"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

namespace us {

namespace {

capnp::Data::Reader data_of(const std::string& bytes) {
  return {reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()};
}

std::string text_of(capnp::Data::Reader data) {
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}

loss read_loss(message::Loss::Reader from) {
  loss what;
  what.key = {{from.getEpoch()}, {from.getIndex()}, from.getPosition()};
  what.kind = from.getKind();
  what.service = from.getService().cStr();
  what.partition = {from.getPartition(), from.getPartitions()};
  what.from = from.getFrom().cStr();
  what.node = from.getNode().cStr();
  what.why = from.getWhy().cStr();
  what.made_ms = from.getMadeMillis();
  what.lost_ms = from.getLostMillis();
  what.session = {from.getSession()};
  what.sequence = {from.getSequence()};
  for (auto key : from.getKeys()) what.keys.push_back(text_of(key));
  what.type = from.getType();
  what.body = text_of(from.getBody());
  return what;
}

loss_mark read_mark(message::LossMark::Reader from) {
  return {{{from.getEpoch()}, {from.getIndex()}, from.getPosition()},
          from.getState(),
          from.getWallMillis()};
}

}  // namespace

std::string to_string(loss_kind kind) {
  return kind == loss_kind::ACKNOWLEDGED ? "acknowledged" : "unacknowledged";
}

std::string to_string(loss_state state) {
  switch (state) {
    case loss_state::LOST: return "lost";
    case loss_state::SURVIVED: return "survived";
    case loss_state::EXECUTED_AGAIN: return "executed again";
    case loss_state::UNCERTAIN: return "uncertain";
    case loss_state::REPLAYING: return "replay unknown";
    case loss_state::REPLAYED: return "replayed";
    case loss_state::REFUSED: return "replay refused";
    case loss_state::WITHOUT_EFFECT: return "executed again without effect";
  }
  return "of a newer program";
}

void fill(message::Loss::Builder to, const loss& from) {
  to.setService(from.service);
  to.setPartition(from.partition.index);
  to.setPartitions(from.partition.count);
  to.setEpoch(from.key.epoch.value);
  to.setIndex(from.key.index.value);
  to.setPosition(from.key.position);
  to.setKind(from.kind);
  to.setFrom(from.from);
  to.setNode(from.node);
  to.setWhy(from.why);
  to.setMadeMillis(from.made_ms);
  to.setLostMillis(from.lost_ms);
  to.setSession(from.session.value);
  to.setSequence(from.sequence.value);
  auto keys = to.initKeys(static_cast<unsigned>(from.keys.size()));
  for (unsigned i = 0; i < keys.size(); ++i) keys.set(i, data_of(from.keys[i]));
  to.setType(from.type);
  if (!from.body.empty()) to.setBody(data_of(from.body));
}

std::string encode(const loss& what) {
  capnp::MallocMessageBuilder message;
  fill(message.initRoot<message::LossEntry>().initLoss(), what);
  return to_bytes(message);
}

std::string encode(const loss_mark& what) {
  capnp::MallocMessageBuilder message;
  auto mark = message.initRoot<message::LossEntry>().initMark();
  mark.setEpoch(what.key.epoch.value);
  mark.setIndex(what.key.index.value);
  mark.setPosition(what.key.position);
  mark.setState(what.state);
  mark.setWallMillis(what.wall_ms);
  return to_bytes(message);
}

bool decode_loss_entry(std::string_view bytes, const loss_visitor& visit) {
  if (bytes.size() % sizeof(capnp::word) != 0) return false;
  const std::string aligned{bytes};  // as_words() asks for it
  try {
    capnp::FlatArrayMessageReader reader{as_words(aligned),
                                         reader_options(aligned.size() / sizeof(capnp::word))};
    auto entry = reader.getRoot<message::LossEntry>();
    switch (entry.which()) {
      case message::LossEntry::LOSS: visit.loss(read_loss(entry.getLoss())); return true;
      case message::LossEntry::MARK: visit.mark(read_mark(entry.getMark())); return true;
    }
  } catch (const kj::Exception&) {
    return false;
  }
  return true;  // of a newer program: left alone
}

}  // namespace us
