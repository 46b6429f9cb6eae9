// The edge's sockets: accepting, reading, writing, holding back and closing.
#include "apps/kv/redis_broker.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/socket.h>

namespace kv {

namespace {

using caf::io::receive_policy;

constexpr std::size_t read_bytes_small = 512;  // what an idle connection holds
constexpr std::size_t read_bytes_large = 64u << 10;
// What may wait behind a connection's own commands before its socket has to.
constexpr std::size_t input_pause_bytes = 256u << 10;
constexpr std::size_t kept_output_bytes = 64u << 10;
constexpr std::chrono::milliseconds held_check_every{2};
constexpr std::chrono::milliseconds close_again_after{1};
constexpr std::uint32_t closing_ticks_max = 10;
constexpr char does_not_read[] = "it does not read its replies";
constexpr char too_many_clients[] = "-ERR max number of clients reached\r\n";

// What the socket takes of it now; nullopt: it is broken.
std::optional<std::size_t> send_some(int socket, std::string_view bytes) {
  for (;;) {
    const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) return static_cast<std::size_t>(sent);
    if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
    if (errno != EINTR) return std::nullopt;
  }
}

}  // namespace

void redis_broker::accept(const caf::io::new_connection_msg& m) {
  const auto socket = static_cast<int>(m.handle.id());
  if (draining_ || facts_.clients >= options_.clients_max) {
    if (!draining_) (void)send_some(socket, too_many_clients);
    if (!draining_ && !told_full_) {
      told_full_ = true;
      node_->ports.log->write(us::severity::warning, "redis_clients_max",
                              {{"clients", facts_.clients}});
    }
    broker::close(m.handle);
    return;
  }
  session who;
  who.id = ++serials_;
  who.peer = us::peer_text(socket);
  who.since_ms = node_->ports.clock->wall_ms();
  auto c = std::make_unique<client>(std::move(who));
  c->handle = m.handle;
  c->reads_since = resumes_;
  c->serial = serials_;
  c->read_bytes = read_bytes_small;
  configure_read(m.handle, receive_policy::at_most(read_bytes_small));
  if (clients_.size() <= static_cast<std::size_t>(socket))
    clients_.resize(static_cast<std::size_t>(socket) + 64);
  clients_[static_cast<std::size_t>(socket)] = std::move(c);
  ++facts_.clients;
  ++facts_.connections_total;
  clients_gauge_.set(static_cast<double>(facts_.clients));
}

void redis_broker::data(const caf::io::new_data_msg& m) {
  auto* c = find(m.handle);
  if (c == nullptr) return;
  c->active = true;
  c->talk.receive(m.buf);
  if (m.buf.size() == c->read_bytes && c->read_bytes < read_bytes_large) {
    c->read_bytes = std::min(c->read_bytes * 4, read_bytes_large);
    configure_read(m.handle, receive_policy::at_most(c->read_bytes));
  }
  queue(*c);
  // Not queued: its commands are under way. What comes meanwhile must stay bounded.
  if (!c->queued && !may_read(*c) && !c->held) {
    client_ref who{static_cast<int>(c->handle.id()), c->serial};
    send(this, us::task{[this, who] {
           if (auto* still = find(who); still != nullptr && !may_read(*still)) hold_back(*still);
         }});
  }
}

void redis_broker::closed(const caf::io::connection_closed_msg& m) {
  auto* c = find(m.handle);
  if (c == nullptr) return;
  auto owner = std::move(clients_[static_cast<std::size_t>(m.handle.id())]);
  if (keep_leaving(*owner))
    leaving_.emplace(owner->serial, std::move(owner));
  else
    forgotten();
}

// It may have ended only its own side (as `printf ... | nc` does) and wait for the replies. CAF is
// about to close the socket, so that a second descriptor is needed.
bool redis_broker::keep_leaving(client& c) {
  if (!c.talk.busy() || c.buffered > 0) return false;
  c.leaving = us::owned_socket{::fcntl(static_cast<int>(c.handle.id()), F_DUPFD_CLOEXEC, 0)};
  return static_cast<bool>(c.leaving);
}

void redis_broker::forgotten() {
  --facts_.clients;
  told_full_ = false;
  clients_gauge_.set(static_cast<double>(facts_.clients));
  quit_when_drained();
}

// Sends what is left, then closes; nothing of this client is seen to after.
void redis_broker::close(client& c) {
  if (!c.leaving && !reading_began(c.reads_since)) {
    c.talk.finish();
    after(close_again_after, [this, who = client_ref{static_cast<int>(c.handle.id()), c.serial}] {
      if (auto* still = find(who)) touch(*still);
    });
    return;
  }
  if (c.talk.violated()) {
    cut_counter_.add();
    node_->ports.log->write(us::severity::warning, "redis_protocol_error",
                            {{"client", c.talk.who().peer}});
  }
  if (c.leaving) {
    leaving_.erase(c.serial);
  } else {
    broker::close(c.handle);
    clients_[static_cast<std::size_t>(c.handle.id())].reset();
  }
  forgotten();
}

// Closes at once and forgets what is left to send.
void redis_broker::cut_off(client& c, const char* why) {
  node_->ports.log->write(us::severity::warning, "redis_client_cut_off",
                          {{"client", c.talk.who().peer}, {"why", why}});
  cut_counter_.add();
  const auto socket = c.leaving ? c.leaving.get() : static_cast<int>(c.handle.id());
  const linger now{1, 0};
  (void)::setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  if (c.buffered > 0) (void)::shutdown(socket, SHUT_RDWR);  // so that CAF gives up writing
  close(c);
}

void redis_broker::write_changed() {
  // Writing queues nothing here; closing may end the actor.
  auto now_changed = std::move(changed_);
  changed_.clear();
  for (const auto& who : now_changed) {
    auto* c = find(who);
    if (c == nullptr) continue;
    c->changed = false;
    write(*c);
  }
  if (changed_.empty()) {
    now_changed.clear();
    changed_ = std::move(now_changed);
  }
}

// All output, straight to the socket if nothing waits before it. False: the socket is broken.
bool redis_broker::send_now(client& c) {
  auto& out = c.talk.output();
  std::size_t sent = 0;
  if (c.buffered == 0) {
    const auto taken = send_some(static_cast<int>(c.handle.id()), out);
    if (!taken) return false;
    sent = *taken;
  }
  if (sent < out.size()) {
    const auto rest = std::string_view{out}.substr(sent);
    if (c.buffered == 0) {
      ack_writes(c.handle, true);
      c.took = true;  // it has a whole tick to take some
    }
    broker::write(c.handle, rest.size(), rest.data());
    flush(c.handle);
    c.buffered += rest.size();
  }
  out.clear();
  if (out.capacity() > kept_output_bytes) out = {};
  return true;
}

// Nobody tells when a slow one can take more: it is tried again with every tick.
void redis_broker::write_leaving(client& c) {
  auto& out = c.talk.output();
  const auto taken = send_some(c.leaving.get(), out);
  if (!taken) return close(c);
  out.erase(0, *taken);
  if (c.talk.busy() || !out.empty()) return;
  if (!c.talk.has_input()) return close(c);
  queue(c);
}

void redis_broker::write(client& c) {
  if (c.leaving) return write_leaving(c);
  if (!c.talk.output().empty()) {
    if (!send_now(c)) return cut_off(c, "its connection is broken");
    if (c.buffered > 4 * options_.output_bytes_max) return cut_off(c, does_not_read);
  }
  if (!c.talk.closing() || c.talk.busy()) return queue(c);
  if (c.buffered == 0) close(c);
}

void redis_broker::transferred(const caf::io::data_transferred_msg& m) {
  auto* c = find(m.handle);
  if (c == nullptr) return;
  const auto before = c->buffered;
  c->took = true;
  c->buffered = static_cast<std::size_t>(m.remaining);
  c->active = true;
  if (c->buffered == 0) {
    ack_writes(m.handle, false);
    if (c->talk.closing() && !c->talk.busy()) return close(*c);
  }
  if (before > connection::output_pause_bytes && c->buffered <= connection::output_pause_bytes)
    queue(*c);
}

bool redis_broker::may_read(const client& c) const {
  const auto open_max = c.held ? options_.open_max / 2 : options_.open_max;
  return c.buffered <= connection::output_pause_bytes && service_->open() <= open_max &&
         !(c.talk.busy() && c.talk.input_bytes() > input_pause_bytes);
}

// Until check_held() finds that it may go on.
void redis_broker::hold_back(client& c) {
  if (c.held || c.talk.closing()) return;
  c.held = true;
  held_.push_back({static_cast<int>(c.handle.id()), c.serial});
  stop_reading(c);
  if (check_comes_) return;
  check_comes_ = true;
  after(held_check_every, [this] { check_held(); });
}

void redis_broker::stop_reading(client& c) {
  if (c.halted || c.leaving || !reading_began(c.reads_since)) return;
  c.halted = true;
  c.halted_at = resumes_;
  halt(c.handle);
}

void redis_broker::check_held() {
  check_comes_ = false;
  std::erase_if(held_, [this](const client_ref& who) {
    auto* c = find(who);
    if (c == nullptr) return true;
    queue(*c);
    if (!may_read(*c)) {
      stop_reading(*c);
      return false;
    }
    if (c->halted && c->halted_at == resumes_) return false;
    c->held = false;
    if (std::exchange(c->halted, false) && !c->leaving) {
      c->reads_since = resumes_;
      trigger(c->handle);
    }
    return true;
  });
  if (held_.empty() || check_comes_) return;
  check_comes_ = true;
  after(held_check_every, [this] { check_held(); });
}

void redis_broker::tick() {
  for (std::size_t i = 0; i < clients_.size(); ++i)
    if (clients_[i]) tick_client(*clients_[i]);
  for (auto& [serial, c] : leaving_)
    if (++c->closing_ticks > closing_ticks_max) c->talk.output().clear();
  for (auto& [serial, c] : leaving_) touch(*c);
  after(std::chrono::seconds{1}, [this] { tick(); });
}

// An idle client gives its memory back; one that is to be closed but does not read is cut off.
void redis_broker::tick_client(client& c) {
  if (c.talk.closing() && !c.talk.busy() && ++c.closing_ticks > closing_ticks_max)
    return cut_off(c, "it was to be closed and does not read its replies");
  const bool stuck = !std::exchange(c.took, false) && c.buffered > options_.output_bytes_max;
  if (stuck) return cut_off(c, does_not_read);
  if (!std::exchange(c.active, false) && !c.talk.busy() && !c.queued) {
    c.talk.shrink();
    if (c.read_bytes <= read_bytes_small) return;
    c.read_bytes = read_bytes_small;
    configure_read(c.handle, receive_policy::at_most(read_bytes_small));
    if (auto scribe = by_id(c.handle)) {
      scribe->rd_buf().resize(read_bytes_small);
      scribe->rd_buf().shrink_to_fit();
    }
  }
}

}  // namespace kv
