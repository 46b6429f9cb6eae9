#pragma once
/// What a service's handlers see of the state: records, typed by a Cap'n Proto struct.
///
/// A handler runs in one turn at the replica that the pattern chose. It reads and changes
/// records through these; what it changed is replicated as a whole or not at all. Readers
/// got from a record are valid until the record is changed or the handler returns, Builders until
/// it is erased, reset or cleared.

#include "runtime/service/partition.hpp"
#include "runtime/state/record_bytes.hpp"

#include <capnp/message.h>
#include <capnp/serialize.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace us {

/// The bytes behind records, given by the pattern: the state under what is not yet committed.
class record_view {
 public:
  virtual ~record_view() = default;
  /// Valid while it is held and until this key is changed, not only until any is.
  virtual record_bytes get(std::string_view key) = 0;
  virtual void put(std::string_view key, std::string value) = 0;
  virtual void erase(std::string_view key) = 0;
  virtual void clear() = 0;
  virtual std::uint64_t size() = 0;
  /// `f` must not change the view.
  virtual void each_in_slot(std::uint32_t slot,
                            const std::function<void(std::string_view, std::string_view)>& f) = 0;
  /// Wall clock of the executing replica, milliseconds since 1970: one value per request.
  virtual std::int64_t now_ms() const = 0;
  /// This request never changes anything, whatever it finds: executing it twice does no harm, and
  /// nothing has to be remembered of it.
  virtual void only_reads() {}
  /// That it is the view of.
  virtual partition_id partition() const { return {}; }
};

/// A Cap'n Proto message as bytes (stream format, one or more segments).
std::string to_bytes(capnp::MessageBuilder& message);
/// The first segment of a builder whose message is small as a rule and lives for a moment: memory of
/// the thread, which a builder leaves zeroed as it found it. For one builder at a time.
kj::ArrayPtr<capnp::word> message_scratch();
kj::ArrayPtr<const capnp::word> as_words(std::string_view bytes);
/// For reading what this service stored: as often as its handler likes.
capnp::ReaderOptions record_reader_options();

/// One record, not typed: loads and stores lazily.
class raw_record {
 public:
  raw_record(record_view& view, std::string key) : view_(view), key_(std::move(key)) {}
  raw_record(raw_record&&) = delete;

  const std::string& key() const { return key_; }
  std::int64_t now_ms() const { return view_.now_ms(); }
  /// A handler of requests that only read says so, which makes them cheap: no entry in any log.
  /// Without it a request that happens to change nothing is remembered, so that a retry cannot
  /// change it.
  void only_reads() { view_.only_reads(); }
  bool exists();
  void erase();
  /// Stores what edit() built so far. Called by whoever runs the handler, and before the
  /// records are counted or walked.
  void store();
  /// The view was cleared: what was read or built is gone, and nothing is stored.
  void forget();

 protected:
  capnp::MessageReader* reader();
  capnp::MallocMessageBuilder& fresh_builder();
  capnp::MallocMessageBuilder* builder() { return builder_ ? &*builder_ : nullptr; }

 private:
  record_view& view_;
  std::string key_;
  record_bytes stored_ = std::nullopt;  ///< what reader_ reads
  std::optional<capnp::FlatArrayMessageReader> reader_;
  std::optional<capnp::MallocMessageBuilder> builder_;
  bool loaded_ = false;
};

/// One record of type T. A record that was never written reads as T's defaults.
template <class T>
class record : public raw_record {
 public:
  using type = T;
  using raw_record::raw_record;

  typename T::Reader read() {
    if (capnp::MessageBuilder* building = builder()) return building->getRoot<T>().asReader();
    if (capnp::MessageReader* stored = reader()) return stored->getRoot<T>();
    return typename T::Reader{};
  }
  /// The record for changing it in place; starts from what is stored.
  typename T::Builder edit() {
    if (capnp::MessageBuilder* building = builder()) return building->getRoot<T>();
    capnp::MessageReader* stored = reader();
    capnp::MessageBuilder& building = fresh_builder();
    if (stored == nullptr) return building.initRoot<T>();
    building.setRoot(stored->getRoot<T>());
    return building.getRoot<T>();
  }
  /// The record for writing it anew: nothing of the old is kept or copied.
  typename T::Builder reset() { return fresh_builder().template initRoot<T>(); }
};

/// All records of a partition, for requests that touch several.
template <class T>
class records {
 public:
  using type = T;
  explicit records(record_view& view) : view_(view) {}

  /// The record at a key; the same object for the same key during one request.
  record<T>& operator[](std::string_view key) {
    auto at = open_.find(key);
    if (at == open_.end())
      at = open_.emplace(std::string{key}, std::make_unique<record<T>>(view_, std::string{key}))
               .first;
    return *at->second;
  }
  /// Counts and walks see what this request stored before: stores first.
  std::uint64_t size() {
    store();
    return view_.size();
  }
  /// Erases every record. Records that are open stay usable, as ones never written.
  void clear() {
    for (auto& [key, opened] : open_) opened->forget();
    view_.clear();
  }
  /// Calls f(key, T::Reader) for the records of a slot (0 <= slot < state::slots).
  template <class F>
  void each_in_slot(std::uint32_t slot, F&& f) {
    store();
    view_.each_in_slot(slot, [&](std::string_view key, std::string_view bytes) {
      capnp::FlatArrayMessageReader reader{as_words(bytes), record_reader_options()};
      f(key, reader.getRoot<T>());
    });
  }
  std::int64_t now_ms() const { return view_.now_ms(); }
  partition_id partition() const { return view_.partition(); }
  void only_reads() { view_.only_reads(); }
  void store() {
    for (auto& [key, opened] : open_) opened->store();
  }

 private:
  record_view& view_;
  std::map<std::string, std::unique_ptr<record<T>>, std::less<>> open_;
};

}  // namespace us
