#include "actors/client/partitioned_client.hpp"

#include "runtime/mutants.hpp"

#include <kj/exception.h>

#include <algorithm>
#include <map>
#include <utility>

namespace us {

namespace {

/// A partition's share of what a whole batch takes, about.
std::size_t share_of_words(std::size_t words, std::size_t part, std::size_t whole) {
  return words * part / whole + 32;
}

std::uint32_t partition_in(log_index marked) {
  return static_cast<std::uint32_t>(marked.value % partitions_max);
}

log_index index_in(log_index marked) {
  return {marked.value / partitions_max};
}

}  // namespace

std::shared_ptr<partitioned_client> partitioned_client::make(node_ptr node, caf::actor host,
                                                             actor_key key,
                                                             service_client::options how,
                                                             std::uint32_t partitions,
                                                             outcome_callback on_outcome) {
  std::shared_ptr<partitioned_client> client{new partitioned_client{
      std::move(node), std::move(host), key, std::move(how), partitions, std::move(on_outcome)}};
  // Its session is open by the time that it is needed; those of many partitions open when they are.
  if (partitions <= 1) (void)client->of(0);
  return client;
}

partitioned_client::partitioned_client(node_ptr node, caf::actor host, actor_key key,
                                       service_client::options how, std::uint32_t partitions,
                                       outcome_callback f)
    : node_(std::move(node)),
      host_(std::move(host)),
      key_(key),
      options_(std::move(how)),
      partitions_(std::max(partitions, 1u)),
      on_outcome_(std::move(f)) {}

partitioned_client::part& partitioned_client::of(std::uint32_t partition) {
  auto [at, made] = parts_.try_emplace(partition);
  auto& found = at->second;
  if (!made) return found;
  auto how = options_;
  if (how.seat.none()) how.seat = seat_key(how.service, {partition, partitions_});
  seats_.emplace(how.seat, partition);
  found.client = service_client::make(
      node_, host_, key_, how,
      [weak = weak_from_this(), partition](request_sequence its, const outcome& what) {
        if (auto self = weak.lock()) self->ended(partition, its, what);
      });
  found.handlers = found.client->handlers();
  return found;
}

std::vector<typed_handler> partitioned_client::handlers() {
  auto pass_on = [self = shared_from_this()](const frame& f, const sender& from) {
    self->pass(f, from);
  };
  return {on_frame<message::SessionOpened>(pass_on), on_frame<message::ReplyBatch>(pass_on),
          on_frame<message::LeaderChanged>(pass_on)};
}

/// Answers of seats that this client never asked are for other clients of the same host.
void partitioned_client::pass(const frame& f, const sender& from) {
  const auto at = seats_.find(from.actor);
  if (at == seats_.end()) return;
  // By index: a callback may ask another partition for the first time.
  for (std::size_t i = 0; i < parts_.at(at->second).handlers.size(); ++i)
    if (const auto handler = parts_.at(at->second).handlers[i]; handler.type == f.type())
      return handler.run(f, from);
}

request_sequence partitioned_client::submit(std::size_t count, const fill_function& fill,
                                            const place_function& place, std::size_t words_hint,
                                            const submit_options& what) {
  const auto first = next_;
  next_.value += count;
  const auto number = [first](std::size_t i) { return request_sequence{first.value + i}; };
  if (open_ + count > options_.open_max) {
    for (std::size_t i = 0; i < count; ++i)
      reject(number(i), message::Reason::OVERLOADED, "too many requests wait for an outcome");
    return first;
  }
  std::map<std::uint32_t, std::vector<std::size_t>> batches;
  std::size_t copies = 0;
  for (std::size_t i = 0; i < count; ++i) {
    auto where = partitions_ > 1 ? place(i) : request_place{};
    if (!where.refused.empty()) {
      reject(number(i), message::Reason::MALFORMED, std::move(where.refused));
      continue;
    }
    if (mutant(bug::batch_to_one_partition) && !batches.empty())
      where.partition = batches.begin()->first;
    ++open_;
    const bool all = partitions_ > 1 && where.everywhere;
    if (all) {
      auto& gathered = gathering_[number(i)];
      gathered.merge = std::move(where.everywhere);
      gathered.replies.resize(partitions_);
      gathered.waiting = partitions_;
    }
    const auto begin = all ? 0 : where.partition;
    const auto end = all ? partitions_ : where.partition + 1;
    for (auto partition = begin; partition < end; ++partition) batches[partition].push_back(i);
    copies += end - begin;
  }
  for (const auto& [partition, which] : batches)
    submit_to(partition, which, first, fill, share_of_words(words_hint, which.size(), copies),
              what);
  return first;
}

void partitioned_client::submit_to(std::uint32_t partition, const std::vector<std::size_t>& which,
                                   request_sequence first, const fill_function& fill,
                                   std::size_t words_hint, submit_options what) {
  auto& to = of(partition);
  auto& after = what.reads.after;
  if (partitions_ > 1 && !after.none()) {
    const auto theirs = partition_in(after) == partition ? index_in(after) : log_index{};
    after = std::max(theirs, to.seen);
  }
  const auto its = to.client->next();
  for (std::size_t i = 0; i < which.size(); ++i)
    to.asked.emplace(request_sequence{its.value + i}, request_sequence{first.value + which[i]});
  (void)to.client->submit(
      which.size(),
      [&](std::size_t i, message::Request::Builder request) { fill(which[i], request); },
      words_hint, what);
}

void partitioned_client::reject(request_sequence which, message::Reason reason, std::string text) {
  on_outcome_(
      which,
      {.kind = outcome_kind::rejected, .reason = reason, .text = std::move(text), .reply = {}});
}

void partitioned_client::ended(std::uint32_t partition, request_sequence its, const outcome& what) {
  auto& from = parts_.at(partition);
  const auto at = from.asked.find(its);
  if (at == from.asked.end()) return;
  const auto which = at->second;
  from.asked.erase(at);
  const auto gathered = gathering_.find(which);
  if (gathered == gathering_.end()) {
    --open_;
    if (partitions_ <= 1 || what.index.none()) return on_outcome_(which, what);
    from.seen = std::max(from.seen, what.index);
    auto marked = what;
    marked.index = {what.index.value * partitions_max + partition};
    return on_outcome_(which, marked);
  }
  from.seen = std::max(from.seen, what.index);
  gather(gathered->second, partition, what);
  if (gathered->second.waiting > 0) return;
  auto all = std::move(gathered->second);
  gathering_.erase(gathered);
  --open_;
  finish(which, std::move(all));
}

void partitioned_client::gather(gathering& all, std::uint32_t partition, const outcome& what) {
  --all.waiting;
  if (what.kind == outcome_kind::done) {
    ++all.done;
    all.replies[partition] = what.reply;
    all.age = all.age && what.age ? std::optional{std::max(*all.age, *what.age)} : std::nullopt;
    return;
  }
  if (all.worst == outcome_kind::unknown) return;
  all.worst = what.kind;
  all.reason = what.reason;
  all.text = group_name(options_.service, {partition, partitions_}) + ": " + what.text;
}

void partitioned_client::finish(request_sequence which, gathering all) {
  std::string merged;
  if (!all.worst) try {
      merged = all.merge({all.replies.begin(), all.replies.end()});
    } catch (const kj::Exception& e) {
      all.worst = outcome_kind::unknown;
      all.reason = message::Reason::MALFORMED;
      all.text = std::string{"the replies cannot be read: "} + e.getDescription().cStr();
    }
  outcome told{.kind = outcome_kind::done, .text = {}, .reply = merged, .age = all.age};
  if (all.worst) {
    told = {.kind = *all.worst, .reason = all.reason, .text = all.text, .reply = {}};
    if (all.done > 0) {
      told.kind = outcome_kind::unknown;
      told.text = std::to_string(all.done) + " of " + std::to_string(partitions_) +
                  " partitions have executed it; " + all.text;
    }
  }
  on_outcome_(which, told);
}

}  // namespace us
