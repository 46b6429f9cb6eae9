#pragma once
/// A service as its user writes it: handlers for typed requests over typed records. How
/// it stays available is not decided here but by configuration.
///
///   us::service s{"counter"};
///   s.on<Add, Total>([](Add::Reader add) { return add.getName(); },
///                    [](us::record<Total>& total, Add::Reader add, Total::Builder reply) {...});
///
/// Handlers run in one turn, may be of any cost that the group can wait for, and need
/// not be deterministic: what is replicated is the change. A handler that throws changes nothing;
/// its request is rejected with the exception's text.
///
/// A service may be configured to have partitions, each with a share of the keys. Then each of its
/// requests must say where it belongs: those about one record do, others by placed().

#include "runtime/service/record.hpp"

#include <capnp/any.h>
#include <capnp/schema.h>

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace us {

/// Throw from a handler to reject its request with this text.
struct rejected : std::runtime_error {
  using std::runtime_error::runtime_error;
};

namespace detail {
template <class F>
struct handler_traits : handler_traits<decltype(&F::operator())> {};
template <class C, class R, class First, class... Rest>
struct handler_traits<R (C::*)(First, Rest...) const> {
  using first = std::remove_cvref_t<First>;
};
template <class R, class First, class... Rest>
struct handler_traits<R (*)(First, Rest...)> {
  using first = std::remove_cvref_t<First>;
};
}  // namespace detail

class service {
 public:
  explicit service(std::string name) : name_(std::move(name)) {}

  const std::string& name() const { return name_; }

  /// Requests of type Request about one record: `key_of(Request::Reader)` names it (Text, Data or
  /// std::string), `handler(record<T>&, Request::Reader, Reply::Builder)` reads and changes it.
  template <class Request, class Reply, class KeyOf, class Handler>
  service& on(KeyOf key_of, Handler handler) {
    using record_type = typename detail::handler_traits<Handler>::first;
    add<Request, Reply>([key_of, handler](record_view& view, typename Request::Reader request,
                                          typename Reply::Builder reply) {
      record_type target{view, key_text(key_of(request))};
      handler(target, request, reply);
      target.store();
    });
    return placed<Request>([key_of](typename Request::Reader request, std::uint32_t partitions) {
      return place_of_key(key_text(key_of(request)), partitions);
    });
  }

  /// Requests about any records: `handler(records<T>&, Request::Reader, Reply::Builder)`. Or about
  /// none, in a service whose state is kept elsewhere: `handler(Request::Reader, Reply::Builder)`.
  template <class Request, class Reply, class Handler>
  service& on(Handler handler) {
    using records_type = typename detail::handler_traits<Handler>::first;
    if constexpr (std::is_same_v<records_type, typename Request::Reader>)
      return add<Request, Reply>(
          [handler](record_view&, typename Request::Reader request, typename Reply::Builder reply) {
            handler(request, reply);
          });
    else
      return on_records<Request, Reply, records_type>(std::move(handler));
  }

  /// Of the requests added last, which are of type Request: the partition that executes one, by
  /// `place(Request::Reader, partitions)`, which returns a request_place. Its handler touches no
  /// records of other partitions.
  template <class Request, class Place>
  service& placed(Place place) {
    if (requests_.empty() || requests_.back().id != capnp::typeId<Request>())
      throw std::logic_error{"placed() follows on() of the same request"};
    requests_.back().place = [place](capnp::AnyPointer::Reader request, std::uint32_t partitions) {
      return place(request.getAs<Request>(), partitions);
    };
    return *this;
  }
  /// Of the requests added last: executing one twice, here or on two nodes, does no more than
  /// once. So it may be sent anew to another node while its outcome is not known.
  service& idempotent() {
    if (requests_.empty()) throw std::logic_error{"idempotent() follows on()"};
    requests_.back().idempotent = true;
    return *this;
  }
  /// Upkeep that the executing replica runs every `interval`: `handler(records<T>&)`. When it
  /// throws, or changes more than one request may, nothing of it is kept.
  template <class Handler>
  service& every(std::chrono::milliseconds interval, Handler handler) {
    using records_type = typename detail::handler_traits<Handler>::first;
    upkeep_.push_back({interval, [handler](record_view& view) {
                         records_type all{view};
                         handler(all);
                         all.store();
                       }});
    return *this;
  }

  struct request_type {
    std::uint64_t id;
    capnp::StructSchema request;  ///< for calls in JSON
    capnp::StructSchema reply;
    /// Executes one request. Throws what the handler throws.
    std::function<void(record_view&, capnp::AnyPointer::Reader, capnp::MessageBuilder& reply)> run;
    bool idempotent = false;
    /// Where it belongs in a service with partitions. Null: it does not say.
    std::function<request_place(capnp::AnyPointer::Reader, std::uint32_t partitions)> place = {};
  };
  struct upkeep {
    std::chrono::milliseconds interval;
    std::function<void(record_view&)> run;
  };

  /// Null when the service has no handler for this capnp type id.
  const request_type* find(std::uint64_t type) const;
  /// By the request's unqualified schema name, for calls in JSON.
  const request_type* find(std::string_view name) const;
  const std::vector<request_type>& requests() const { return requests_; }
  /// The first that does not say where it belongs: such a service has no partitions. Null: none.
  const request_type* without_place() const;
  /// Where a request belongs; refused when the service has none such, or it does not say.
  request_place place(std::uint64_t type, capnp::AnyPointer::Reader request,
                      std::uint32_t partitions) const;
  const std::vector<upkeep>& upkeeps() const { return upkeep_; }

 private:
  static std::string key_text(capnp::Text::Reader text) { return {text.begin(), text.size()}; }
  static std::string key_text(capnp::Data::Reader data) {
    return {reinterpret_cast<const char*>(data.begin()), data.size()};
  }
  static std::string key_text(std::string text) { return text; }

  template <class Request, class Reply, class Records, class Handler>
  service& on_records(Handler handler) {
    return add<Request, Reply>([handler](record_view& view, typename Request::Reader request,
                                         typename Reply::Builder reply) {
      Records all{view};
      handler(all, request, reply);
      all.store();
    });
  }

  template <class Request, class Reply, class Run>
  service& add(Run run) {
    requests_.push_back(
        {capnp::typeId<Request>(), capnp::Schema::from<Request>(), capnp::Schema::from<Reply>(),
         [run](record_view& view, capnp::AnyPointer::Reader request, capnp::MessageBuilder& reply) {
           run(view, request.getAs<Request>(), reply.initRoot<Reply>());
         }});
    return *this;
  }

  std::string name_;
  std::vector<request_type> requests_;
  std::vector<upkeep> upkeep_;
};

/// How many partitions a service has, and which executes a request: what its clients need to know.
struct partitioning {
  std::uint32_t count = 1;
  std::function<request_place(std::uint64_t type, capnp::AnyPointer::Reader)> place = {};
};
partitioning divided(const service& into, std::uint32_t partitions);

/// A request that every partition executes: `merge(const std::vector<Reply::Reader>&,
/// Reply::Builder)` makes one reply of theirs, by the partition's index.
template <class Reply, class Merge>
request_place everywhere(Merge merge) {
  return {.everywhere = [merge](const std::vector<std::string_view>& replies) {
    std::vector<std::unique_ptr<capnp::FlatArrayMessageReader>> messages;
    std::vector<typename Reply::Reader> read;
    for (const auto bytes : replies) {
      messages.push_back(std::make_unique<capnp::FlatArrayMessageReader>(as_words(bytes),
                                                                         record_reader_options()));
      read.push_back(messages.back()->template getRoot<Reply>());
    }
    capnp::MallocMessageBuilder merged;
    merge(read, merged.initRoot<Reply>());
    return to_bytes(merged);
  }};
}

}  // namespace us
