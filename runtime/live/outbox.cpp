#include "runtime/live/outbox.hpp"

#include "messages/wire.hpp"

#include <algorithm>
#include <iterator>

#include "messages/link.capnp.h"

namespace us {

namespace {

constexpr std::size_t urgent_max = 16;

bool urgent(const frame& f) {
  return f.type() == capnp::typeId<message::Heartbeat>() ||
         f.type() == capnp::typeId<message::Goodbye>();
}

}  // namespace

errc outbox::push(const frame& f) {
  const auto size = f.size() + wire_header_bytes;
  const bool first = urgent(f);
  std::lock_guard lock{mutex_};
  if (!open_) return errc::unreachable;
  if (first ? urgent_.size() >= urgent_max : inflight_ + size > bytes_max_)
    return errc::overloaded;
  inflight_ += size;
  (first ? urgent_ : waiting_).push_back(f);
  return errc::none;
}

void outbox::open() {
  std::lock_guard lock{mutex_};
  open_ = true;
}

void outbox::close() {
  std::deque<frame> dropped[2];  // freed outside the lock
  std::lock_guard lock{mutex_};
  open_ = false;
  inflight_ = 0;
  dropped[0].swap(waiting_);
  dropped[1].swap(urgent_);
}

void outbox::take(std::deque<frame>& frames, bool first_begun) {
  std::lock_guard lock{mutex_};
  if (!urgent_.empty()) {
    auto at = frames.begin() + (first_begun && !frames.empty() ? 1 : 0);
    frames.insert(at, urgent_.begin(), urgent_.end());
    urgent_.clear();
  }
  if (frames.empty()) {
    frames.swap(waiting_);
  } else {
    std::move(waiting_.begin(), waiting_.end(), std::back_inserter(frames));
    waiting_.clear();
  }
}

void outbox::written(std::size_t bytes) {
  std::lock_guard lock{mutex_};
  inflight_ -= std::min(bytes, inflight_);
}

std::size_t outbox::inflight() const {
  std::lock_guard lock{mutex_};
  return inflight_;
}

bool outbox::is_open() const {
  std::lock_guard lock{mutex_};
  return open_;
}

}  // namespace us
