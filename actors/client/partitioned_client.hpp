#pragma once
/// A client of a service that may have partitions: a service_client for each partition that was
/// asked for something, under one numbering of requests.
///
/// Lives inside its host actor and is used only from its context, as a service_client, and makes
/// the same promises for each request; it has a session with each partition. Of one submit() the
/// requests of one partition are executed in order, those of different ones side by side. A request
/// that all partitions execute is done once each has done it, rejected if all have rejected it,
/// else unknown: some have executed it.
/// Indexes of logs: with several partitions an outcome's index counts for the partition that it
/// came from; as `after` of a later read it means that one, and for the others what this client has
/// seen of them. An answer of all partitions has none.

#include "actors/client/service_client.hpp"

#include <unordered_map>

namespace us {

class partitioned_client : public std::enable_shared_from_this<partitioned_client> {
 public:
  using outcome_callback = service_client::outcome_callback;
  /// Where the i-th request belongs; not asked when there is one partition.
  using place_function = std::function<request_place(std::size_t i)>;
  using fill_function = std::function<void(std::size_t i, message::Request::Builder)>;

  /// `how.seat`: only with one partition. `key`: see service_client::make().
  static std::shared_ptr<partitioned_client> make(node_ptr node, caf::actor host, actor_key key,
                                                  service_client::options how,
                                                  std::uint32_t partitions,
                                                  outcome_callback on_outcome);

  /// What the host adds to its dispatch table.
  std::vector<typed_handler> handlers();

  std::uint32_t partitions() const { return partitions_; }

  /// As service_client::submit(). An outcome may be reported before this returns only when
  /// rejected: as overloaded, or because no partition can execute it (malformed).
  request_sequence submit(std::size_t count, const fill_function& fill, const place_function& place,
                          std::size_t words_hint = 128, const submit_options& what = {});

  /// Requests without outcome.
  std::size_t open() const { return open_; }

 private:
  struct part {
    std::shared_ptr<service_client> client;
    std::vector<typed_handler> handlers;
    std::unordered_map<request_sequence, request_sequence> asked;  ///< its numbers -> ours
    log_index seen;  ///< the newest that an answer has seen or done
  };
  /// Of a request that all partitions execute.
  struct gathering {
    request_place::merge_function merge;
    std::vector<std::string> replies;  ///< by partition
    std::size_t waiting = 0;
    std::size_t done = 0;
    std::optional<outcome_kind> worst;
    message::Reason reason = message::Reason::NONE;
    std::string text;
    std::optional<duration> age = duration{0};  ///< the highest; nullopt: one is not known
  };
  partitioned_client(node_ptr node, caf::actor host, actor_key key, service_client::options how,
                     std::uint32_t partitions, outcome_callback f);
  part& of(std::uint32_t partition);
  void reject(request_sequence which, message::Reason reason, std::string text);
  void submit_to(std::uint32_t partition, const std::vector<std::size_t>& which,
                 request_sequence first, const fill_function& fill, std::size_t words_hint,
                 submit_options what);
  void ended(std::uint32_t partition, request_sequence its, const outcome& what);
  void gather(gathering& all, std::uint32_t partition, const outcome& what);
  void finish(request_sequence which, gathering all);
  void pass(const frame& f, const sender& from);

  node_ptr node_;
  caf::actor host_;
  actor_key key_;
  service_client::options options_;
  std::uint32_t partitions_;
  outcome_callback on_outcome_;
  std::unordered_map<std::uint32_t, part> parts_;
  std::unordered_map<actor_key, std::uint32_t> seats_;
  std::unordered_map<request_sequence, gathering> gathering_;
  request_sequence next_{1};
  std::size_t open_ = 0;
};

}  // namespace us
