#include "tests/fuzz/frame_walk.hpp"

#include <capnp/dynamic.h>
#include <capnp/schema.h>

#include <vector>

#include "messages/frame.capnp.h"
#include "messages/leader_follower.capnp.h"
#include "messages/link.capnp.h"
#include "messages/request.capnp.h"
#include "messages/status.capnp.h"

namespace us::fuzz {

namespace {

template <class... Bodies>
std::vector<capnp::StructSchema> schemas_of() {
  return {capnp::Schema::from<Bodies>()...};
}

const std::vector<capnp::StructSchema>& known_schemas() {
  using namespace us::message;
  static const auto known =
      schemas_of<Hello, Refused, Heartbeat, Goodbye, OpenSession, SessionOpened, SubmitBatch,
                 ReplyBatch, LeaderChanged, WatchLeader, VoteRequest, VoteReply, AppendRequest,
                 AppendReply, LeadNow, LogEntry, NodeStatus, ServiceStatus, StatusRequest>();
  return known;
}

capnp::StructSchema schema_for(std::uint64_t type) {
  for (const auto& schema : known_schemas())
    if (schema.getProto().getId() == type) return schema;
  return known_schemas()[type % known_schemas().size()];
}

class walker {
 public:
  explicit walker(std::size_t values_max) : left_(values_max) {}

  void read(capnp::DynamicValue::Reader value) {
    if (left_ == 0) return;
    --left_;
    switch (value.getType()) {
      case capnp::DynamicValue::STRUCT: return read_struct(value.as<capnp::DynamicStruct>());
      case capnp::DynamicValue::LIST: return read_list(value.as<capnp::DynamicList>());
      case capnp::DynamicValue::TEXT: return touch(value.as<capnp::Text>().asBytes());
      case capnp::DynamicValue::DATA: return read_data(value.as<capnp::Data>());
      case capnp::DynamicValue::ANY_POINTER:
        (void)value.as<capnp::AnyPointer>().targetSize();
        return;
      default: return;
    }
  }

  void read_struct(capnp::DynamicStruct::Reader of) {
    for (auto field : of.getSchema().getNonUnionFields()) read(of.get(field));
    KJ_IF_MAYBE (field, of.which()) read(of.get(*field));
  }

 private:
  void read_list(capnp::DynamicList::Reader list) {
    for (unsigned i = 0; i < list.size() && left_ > 0; ++i) read(list[i]);
  }

  // Entries of an append, and records, are messages of their own.
  void read_data(capnp::Data::Reader data) {
    touch(data);
    const auto words = data.size() / sizeof(capnp::word);
    if (words == 0 || reinterpret_cast<std::uintptr_t>(data.begin()) % sizeof(capnp::word) != 0)
      return;
    kj::ArrayPtr<const capnp::word> inner{reinterpret_cast<const capnp::word*>(data.begin()), words};
    capnp::FlatArrayMessageReader reader{inner, reader_options(words)};
    read_struct(reader.getRoot<capnp::DynamicStruct>(capnp::Schema::from<message::LogEntry>()));
  }

  // Every byte is read, so that one outside the message is found.
  void touch(kj::ArrayPtr<const kj::byte> bytes) {
    for (auto each : bytes) sum_ = sum_ + each;
  }

  std::size_t left_;
  volatile unsigned sum_ = 0;
};

}  // namespace

void walk(const frame& f, std::size_t values_max) {
  capnp::FlatArrayMessageReader reader{f.words(), reader_options(f.words().size())};
  auto body = reader.getRoot<message::Envelope>().getBody();
  walker{values_max}.read_struct(body.getAs<capnp::DynamicStruct>(schema_for(f.type())));
}

}  // namespace us::fuzz
