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
#include <vector>

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
  /// Cheaper than the size where many changes wait for their commit.
  virtual bool empty() { return size() == 0; }
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
void append_bytes(std::string& to, capnp::MessageBuilder& message);
std::size_t size_in_bytes(capnp::MessageBuilder& message);  ///< of what to_bytes() gives
kj::ArrayPtr<const capnp::word> as_words(std::string_view bytes);

/// Memory of the thread, that is used again and again and is zeroed whenever nobody has it.
class lent_segment {
 public:
  lent_segment();
  ~lent_segment();
  lent_segment(const lent_segment&) = delete;
  lent_segment& operator=(const lent_segment&) = delete;

 protected:
  kj::ArrayPtr<capnp::word> words() const;

 private:
  struct memory;
  struct pool;
  static pool& of_thread();
  std::unique_ptr<memory> own_;
};

/// For messages that are small as a rule and live for a moment, in the thread that made them.
class small_message_builder final : private lent_segment, public capnp::MallocMessageBuilder {
 public:
  small_message_builder() : capnp::MallocMessageBuilder(words()) {}
};

/// Builds a message as the bytes that it is sent or stored as, in a string that is empty yet. What
/// fits `words_hint` is not copied.
class in_place_builder final : public capnp::MessageBuilder {
 public:
  in_place_builder(std::string& into, std::size_t words_hint);
  /// Ends building; then `into` has it. Call once.
  void finish();

 private:
  kj::ArrayPtr<capnp::word> allocateSegment(unsigned words_min) override;

  std::string& into_;
  std::size_t hint_;
  std::vector<std::unique_ptr<capnp::word[]>> others_;  ///< when the hint was too small
};
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
  capnp::MessageBuilder& fresh_builder();
  capnp::MessageBuilder* builder() { return builder_ ? &*builder_ : nullptr; }

 private:
  record_view& view_;
  std::string key_;
  record_bytes stored_ = std::nullopt;  ///< what reader_ reads
  std::optional<capnp::FlatArrayMessageReader> reader_;
  std::optional<small_message_builder> builder_;
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
    if (!first_) return first_.emplace(view_, std::string{key});
    if (first_->key() == key) return *first_;
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
  bool empty() {
    store();
    return view_.empty();
  }
  /// Erases every record. Records that are open stay usable, as ones never written.
  void clear() {
    each_open([](record<T>& opened) { opened.forget(); });
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
    each_open([](record<T>& opened) { opened.store(); });
  }

 private:
  template <class F>
  void each_open(F&& f) {
    if (first_) f(*first_);
    for (auto& [key, opened] : open_) f(*opened);
  }

  record_view& view_;
  std::optional<record<T>> first_;  ///< most requests open no other
  std::map<std::string, std::unique_ptr<record<T>>, std::less<>> open_;
};

}  // namespace us
