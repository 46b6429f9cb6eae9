#include "tests/leader_follower/list_client.hpp"

#include "runtime/service/record.hpp"

#include "tests/leader_follower/test_schema.capnp.h"

namespace us::test {

list_client::list_client(caf::actor_config& config, node_ptr node, std::shared_ptr<workload> work,
                         int number)
    : node_actor(config, std::move(node)), work_(std::move(work)), number_(number) {}

caf::behavior list_client::make_behavior() {
  const auto key = actor_key_of("list-client/" + std::to_string(number_));
  listen_as(key);
  client_ = partitioned_client::make(
      shared_node(), handle(), key, {.service = "lists"}, work_->partitions,
      [this](request_sequence s, const outcome& o) { on_outcome(s, o); });
  next();
  return serve(dispatch_table{client_->handlers()});
}

void list_client::on_exit() {
  node_actor::on_exit();
  client_.reset();
}

void list_client::next() {
  after(work_->interval, [this] {
    if (work_->stopped)
      read_left();
    else if (!work_->reads.empty() && work_->chance->between(0, 2) == 0)
      read_some();
    else
      submit_some();
    next();
  });
}

void list_client::submit_some() {
  auto& chance = *work_->chance;
  const auto count = chance.between(1, 3);
  submit_options options;
  if (!work_->modes.empty())
    options.acknowledge = work_->modes[chance.between(0, work_->modes.size() - 1)];
  std::vector<draft> some;
  while (some.size() < count) some.push_back(some_request());
  submit(some, options);
}

/// New lists every second, so that none gets long; former ones are read now and then.
list_client::draft list_client::some_request() {
  auto& chance = *work_->chance;
  const bool write = chance.between(0, 2) > 0;
  const auto second = static_cast<std::uint64_t>(work_->now() / std::chrono::seconds{1});
  const auto back = write ? 0 : std::min(second, chance.between(0, 4) / 2);
  draft made;
  made.key = "list-" + std::to_string(second - back) + "-" +
             std::to_string(chance.between(1, work_->keys));
  if (!write) return made;
  made.item = work_->next_item++;
  made.conditional = chance.between(0, 3) == 0;
  return made;
}

/// Of the last seconds'.
std::string list_client::key_to_read() {
  auto& chance = *work_->chance;
  const auto second = static_cast<std::uint64_t>(work_->now() / std::chrono::seconds{1});
  return "list-" + std::to_string(second - std::min(second, chance.between(0, 4) / 3)) + "-" +
         std::to_string(chance.between(1, work_->keys));
}

void list_client::read_some() {
  auto& chance = *work_->chance;
  submit_options options{.reads = work_->reads[chance.between(0, work_->reads.size() - 1)]};
  if (chance.between(0, 1) == 0) options.reads.after = work_->newest;
  const auto count = chance.between(1, 2);
  std::vector<draft> some;
  while (some.size() < count) some.push_back({key_to_read()});
  submit(some, options);
}

void list_client::read_left() {
  if (work_->to_read.empty()) return;
  const auto key = work_->to_read.back();
  work_->to_read.pop_back();
  submit({draft{key}});
}

void list_client::submit(const std::vector<draft>& what, const submit_options& options) {
  const bool early = options.acknowledge.value_or(work_->service_mode) == acknowledgement::async;
  std::vector<std::size_t> operations;
  for (const auto& each : what)
    operations.push_back(work_->history.begin(each.key, each.item, each.conditional, work_->now(),
                                              early, options.reads));
  auto sequence = client_->submit(
      what.size(),
      [&](std::size_t i, message::Request::Builder to) {
        if (what[i].item == 0) {
          to.setType(capnp::typeId<Read>());
          return to.getBody().initAs<Read>().setKey(what[i].key);
        }
        to.setType(capnp::typeId<AppendOnce>());
        auto body = to.getBody().initAs<AppendOnce>();
        body.setKey(what[i].key);
        body.setItem(what[i].item);
        body.setIfEven(what[i].conditional);
      },
      [&](std::size_t i) { return place_of_key(what[i].key, work_->partitions); }, 128, options);
  for (auto operation : operations) under_way_[sequence.value++] = operation;
}

void list_client::on_outcome(request_sequence sequence, const outcome& o) {
  auto at = under_way_.find(sequence.value);
  if (at == under_way_.end()) return;
  std::vector<std::uint64_t> seen;
  if (o.kind == outcome_kind::done) {
    capnp::FlatArrayMessageReader reader{as_words(o.reply)};
    for (auto item : reader.getRoot<Register>().getItems()) seen.push_back(item);
  }
  work_->newest = std::max(work_->newest, o.index);
  work_->history.end(at->second, work_->now(), o, std::move(seen));
  under_way_.erase(at);
}

}  // namespace us::test
