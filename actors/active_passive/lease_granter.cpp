#include "actors/active_passive/lease_granter.hpp"

#include <chrono>
#include <memory>
#include <stdexcept>

namespace us::active_passive {

using std::chrono::microseconds;

lease_granter::lease_granter(node_actor& host, group_ptr of, const kept_promise& kept)
    : host_(host),
      group_(std::move(of)),
      kept_(kept),
      book_(kept.promise, host.now(), group_->timing.lease),
      maintenance_(kept.maintenance) {}

void lease_granter::request(message::LeaseRequest::Reader request, const us::sender& from) {
  const question q{from.where(), {from.epoch, from.node}, request.getRound()};
  const auto asked = microseconds{request.getLeaseMicros()};
  // It would rely on more than is granted here.
  if (asked > group_->timing.lease) return reply(q, false, group_->timing.lease);
  // What is being written may be somebody's promise; a grant meanwhile would not be remembered.
  if (writing_) return reply(q, false);
  judge(q);
}

void lease_granter::judge(const question& q) {
  switch (book_.judge(q.asked, host_.now())) {
    case rules::answer::granted: return reply(q, true);
    case rules::answer::refused: return reply(q, false);
    case rules::answer::promise_first:
      wanted_ = q.asked;
      waiting_ = q;
      return write();
  }
}

void lease_granter::release(const us::sender& from) {
  book_.released({from.epoch, from.node});
}

void lease_granter::remember(us::epoch epoch) {
  if (epoch <= newest() || (wanted_ && wanted_->epoch >= epoch)) return;
  wanted_ = rules::promise{epoch, host_.node().id};
  write();
}

void lease_granter::set_maintenance(bool on) {
  if (std::exchange(maintenance_, on) != on) write();
}

void lease_granter::write() {
  if (writing_) return;  // written() looks again
  writing_ = true;
  kept_promise next{kept_.sequence + 1, wanted_.value_or(kept_.promise), maintenance_};
  auto how = std::make_shared<std::optional<status>>();
  const auto& ports = host_.node().ports;
  ports.executor->run(
      lane::log,
      [how, next, disk = ports.disk, directory = group_->directory] {
        *how = save_promise(*disk, directory, next);
      },
      host_.handle(), task{[this, how, next] { written(next, **how); }});
}

void lease_granter::written(const kept_promise& kept, const status& how) {
  if (!how) throw std::runtime_error{"a promise cannot be kept: " + how.error().text};
  writing_ = false;
  kept_ = kept;
  book_.promised(kept.promise);
  if (wanted_ && wanted_->epoch <= kept.promise.epoch) wanted_.reset();
  if (auto q = std::exchange(waiting_, std::nullopt)) judge(*q);
  if (wanted_ || maintenance_ != kept_.maintenance) write();
}

void lease_granter::reply(const question& q, bool granted, duration lease) {
  (void)host_.send_frame<message::LeaseAnswer>(
      q.from, q.asked.epoch, [&](message::LeaseAnswer::Builder answer) {
        answer.setRound(q.round);
        answer.setGranted(granted);
        answer.setLeaseMicros(
            static_cast<std::uint64_t>(std::chrono::duration_cast<microseconds>(lease).count()));
        if (granted) return;
        answer.setPromised(book_.last().epoch.value);
        answer.setHolder(book_.holder(host_.now()).value);
      });
}

}  // namespace us::active_passive
