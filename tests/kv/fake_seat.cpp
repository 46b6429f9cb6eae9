#include "tests/kv/fake_seat.hpp"

#include "actors/client/service_client.hpp"

#include <caf/send.hpp>

namespace kv::test {

namespace {

using namespace us;

std::string reads_of(message::SubmitBatch::Reader batch) {
  const auto after = " after " + std::to_string(batch.getAfter());
  switch (batch.getReads()) {
    case message::Reads::LEADER: return "leader";
    case message::Reads::LOCAL: return "local" + after;
    case message::Reads::BOUNDED: break;
  }
  return "bounded " + std::to_string(batch.getStaleMicros()) + after;
}

void fill_fixed(message::Reply::Builder reply, const seat_script::answer& fixed) {
  reply.setOutcome(fixed.outcome);
  reply.setReason(fixed.reason);
  reply.setText(fixed.text.c_str());
}

}  // namespace

void seat_script::hold() {
  std::lock_guard lock{mutex_};
  held_ = true;
}

void seat_script::release() {
  std::function<void()> wake;
  {
    std::lock_guard lock{mutex_};
    held_ = false;
    wake = wake_;
  }
  wake();
}

void seat_script::answer_with(std::optional<answer> fixed) {
  std::lock_guard lock{mutex_};
  fixed_ = std::move(fixed);
}

std::vector<std::size_t> seat_script::batches() const {
  std::lock_guard lock{mutex_};
  return batches_;
}

bool seat_script::wait_for_requests(std::size_t count) const {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, std::chrono::seconds{60}, [&] { return requests_ >= count; });
}

std::vector<message::Acknowledge> seat_script::modes() const {
  std::lock_guard lock{mutex_};
  return modes_;
}

std::vector<std::string> seat_script::reads() const {
  std::lock_guard lock{mutex_};
  return reads_;
}

fake_seat::fake_seat(caf::actor_config& config, node_ptr node, std::shared_ptr<seat_script> script)
    : node_actor(config, std::move(node)), script_(std::move(script)) {}

caf::behavior fake_seat::make_behavior() {
  listen_as(seat_key("kv"));
  {
    std::lock_guard lock{script_->mutex_};
    // Weak: the script outlives the actors.
    script_->wake_ = [this, weak = caf::actor_cast<caf::weak_actor_ptr>(this)] {
      if (auto self = caf::actor_cast<caf::actor>(weak.lock()))
        caf::anon_send(self, task{[this] { answer_held(); }});
    };
  }
  return serve(dispatch_table{{
      on<message::OpenSession>([this](message::OpenSession::Reader open, const us::sender& from) {
        send_frame<message::SessionOpened>(from.where(), {}, [&](auto opened) {
          opened.setNonce(open.getNonce());
          opened.setSession(1);
        });
      }),
      on<message::WatchLeader>([](message::WatchLeader::Reader, const us::sender&) {}),
      on_frame<message::SubmitBatch>(
          [this](const frame& batch, const us::sender& from) { take(batch, from); }),
  }});
}

void fake_seat::take(const frame& batch, const us::sender& from) {
  opened_frame opened{batch};
  const auto submitted = opened.body<message::SubmitBatch>();
  const auto count = submitted.getRequests().size();
  bool held = false;
  {
    std::lock_guard lock{script_->mutex_};
    script_->batches_.push_back(count);
    script_->modes_.push_back(submitted.getAcknowledge());
    script_->reads_.push_back(reads_of(submitted));
    script_->requests_ += count;
    held = script_->held_;
  }
  script_->changed_.notify_all();
  if (held)
    held_.emplace_back(batch, from.where());
  else
    answer(batch, from.where());
}

void fake_seat::answer_held() {
  for (const auto& [batch, to] : std::exchange(held_, {})) answer(batch, to);
}

void fake_seat::answer(const frame& batch, const us::address& to) {
  std::optional<seat_script::answer> fixed;
  {
    std::lock_guard lock{script_->mutex_};
    fixed = script_->fixed_;
  }
  view_.now = node().ports.clock->wall_ms();
  opened_frame opened{batch};
  const auto submitted = opened.body<message::SubmitBatch>();
  const auto requests = submitted.getRequests();
  send_frame<message::ReplyBatch>(to, {}, [&](message::ReplyBatch::Builder into) {
    into.setSession(submitted.getSession());
    into.setIndex(script_->batches().size());
    auto replies = into.initReplies(requests.size());
    for (unsigned i = 0; i < requests.size(); ++i) {
      replies[i].setSequence(requests[i].getSequence());
      if (fixed) {
        fill_fixed(replies[i], *fixed);
        continue;
      }
      capnp::MallocMessageBuilder reply;
      service_.find(requests[i].getType())->run(view_, requests[i].getBody(), reply);
      const auto bytes = to_bytes(reply);
      replies[i].setOutcome(message::Outcome::DONE);
      replies[i].setBody({reinterpret_cast<const capnp::byte*>(bytes.data()), bytes.size()});
    }
  });
}

}  // namespace kv::test
