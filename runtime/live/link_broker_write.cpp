// The writing half of the link broker.
#include "runtime/live/link_broker.hpp"

#include <sys/socket.h>

namespace us {

namespace {

constexpr std::size_t write_bytes_max = 256u << 10;

}  // namespace

void link_broker::flush_all() {
  if (!setup_) return;
  setup_->network->flush_begins();
  for (auto& p : peers_) pump(*p);
}

// Hands what is queued for the peer to its socket until that is full. What the socket does not
// take of one piece goes into CAF's buffer; the rest stays in the outbox until that is out.
void link_broker::pump(link_peer& p) {
  if (!p.active || p.blocked) return;
  auto handle = p.active->handle;
  p.out->take(p.stage.frames(), p.stage.first_begun());
  while (!p.stage.empty()) {
    auto& bytes = wr_buf(handle);
    p.stage.fill(bytes, write_bytes_max);
    auto sent = ::send(p.active->descriptor(), bytes.data(), bytes.size(),
                       MSG_DONTWAIT | MSG_NOSIGNAL);
    // A broken connection is left to CAF, which finds it broken too and reports it closed.
    const auto taken = sent < 0 ? std::size_t{0} : static_cast<std::size_t>(sent);
    p.out->written(taken);
    p.bytes_sent.add(static_cast<double>(taken));
    if (taken == bytes.size()) {
      bytes.clear();
      continue;
    }
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(taken));
    p.blocked = true;
    flush(handle);
    return;
  }
}

void link_broker::transferred(const caf::io::data_transferred_msg& progress) {
  auto at = connections_.find(progress.handle.id());
  if (at == connections_.end() || at->second->peer == nullptr) return;
  auto& p = *at->second->peer;
  if (p.active != at->second) return;
  p.out->written(progress.written);
  p.bytes_sent.add(static_cast<double>(progress.written));
  if (progress.remaining != 0) return;
  p.blocked = false;
  pump(p);
}

}  // namespace us
