#include "runtime/live/link_broker.hpp"

#include "runtime/health/member.hpp"
#include "runtime/node/node_actor.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace us {

namespace {

using caf::io::connection_handle;

constexpr std::size_t read_bytes_max = 64u << 10;
constexpr std::size_t strangers_beyond_members = 16;
constexpr std::size_t told_max = 64;
constexpr std::chrono::milliseconds hello_deadline{2000};

// The kernel ends a connection whose peer took nothing for so long: a cut or stopped peer is
// dialled anew and not waited for until TCP's own timers, which back off to minutes, look again.
void limit_silence(int descriptor, std::chrono::milliseconds silence_max) {
  auto ms = static_cast<unsigned>(std::max<std::int64_t>(1000, silence_max.count() * 5 / 2));
  (void)::setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);
}

// For the few frames that come before any other: the socket is empty and takes them.
bool write_now(int descriptor, const frame& f) {
  frame_stager one;
  one.frames().push_back(f);
  std::vector<char> bytes;
  one.fill(bytes, 2 * hello_bytes_max);
  auto sent = ::send(descriptor, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return sent == static_cast<ssize_t>(bytes.size());
}

}  // namespace

link_broker::link_broker(caf::actor_config& config, std::shared_ptr<link_setup> setup)
    : broker(config), node_(setup->node), setup_(std::move(setup)) {
  limits_.bytes_max = setup_->limits.max_frame;
  refusals_ = node_->metrics->make_counter("understudy_links_refused_total",
                                           "Connections that did not become links");
  for (const auto& member : node_->members)
    if (member.id != node_->id) add(member);
}

link_peer& link_broker::add(const peer& who) {
  auto p = std::make_unique<link_peer>();
  p->who = who;
  p->dials = dials(node_->name, who.name);
  p->out = setup_->network->add(who.id);
  const metrics::labels labels{{"peer", who.name}};
  p->up = node_->metrics->make_gauge("understudy_link_up", "1 while connected", labels);
  p->bytes_sent = node_->metrics->make_counter("understudy_link_sent_bytes_total",
                                               "Bytes handed to the kernel", labels);
  peers_.push_back(std::move(p));
  return *peers_.back();
}

/// An address is checked where it is given; one that is none all the same is reported.
void link_broker::learnt(const node_learnt& who) {
  if (who.node == node_->id || std::exchange(learnt_[who.node], who.address) == who.address) return;
  const auto where = parse_endpoint(who.address);
  if (!where)
    return node_->ports.log->write(severity::error, "address_unusable",
                                   {{"node", who.name}, {"error", where.error().text}});
  auto* p = find(who.node);
  if (p == nullptr) p = &add({who.node, who.name});
  setup_->move(who.node, *where);
  p->backoff = backoff_min;
  dial(*p);
}

link_broker::~link_broker() = default;

caf::behavior link_broker::make_behavior() {
  // Not in this turn, which may be the first: CAF leaks a listener that is added and closed in
  // the same one.
  set_exit_handler([this](const caf::exit_msg& end) {
    after(std::chrono::milliseconds{1}, [this, why = end.reason] { quit(why); });
  });
  setup_->network->attach(caf::actor_cast<caf::actor>(this));
  node_->directory->add(links_key(), caf::actor_cast<caf::actor>(this));
  add_doorman(setup_->listener.release());
  for (auto& p : peers_) dial(*p);
  return {[this](const caf::io::new_data_msg& m) { data(m); },
          [this](link_flush) { flush_all(); },
          [this](const caf::io::data_transferred_msg& m) { transferred(m); },
          [this](const task& work) { work(); },
          [this](const caf::io::new_connection_msg& m) { accepted(m.handle); },
          [this](const caf::io::connection_closed_msg& m) {
            auto at = connections_.find(m.handle.id());
            if (at != connections_.end()) forget(connection_ptr{at->second});
          },
          [this](const dial_ended& m) {
            if (auto* p = find(m.peer)) dialled(*p, *m.outcome);
          },
          [this](const node_learnt& m) { learnt(m); },
          [this](const frame& f) { report_dropped(*node_, f, "no_actor"); },
          [](const caf::io::acceptor_closed_msg&) {}};
}

// What was said before the end (a goodbye) goes out as far as the sockets take it.
void link_broker::on_exit() {
  if (node_) node_->directory->remove(links_key(), caf::actor_cast<caf::actor>(this));
  flush_all();
  for (auto& p : peers_) p->out->close();
  while (!connections_.empty()) {
    auto c = connections_.begin()->second;
    ::shutdown(c->descriptor(), SHUT_RDWR);
    close(c->handle);
    c->closed = true;
    connections_.erase(connections_.begin());
  }
  peers_.clear();
  setup_.reset();
  node_.reset();
}

// -- connections

void link_broker::accepted(connection_handle handle) {
  if (strangers_ >= node_->members.size() + strangers_beyond_members) {
    refusals_.add();
    close(handle);
    return;
  }
  ++strangers_;
  open(handle, nullptr);
}

link_broker::connection_ptr link_broker::open(connection_handle handle, link_peer* dialled) {
  auto c = std::make_shared<link_connection>();
  c->handle = handle;
  c->serial = ++serials_;
  c->dialled = dialled;
  c->reader = wire_reader{limits_};
  c->remote = peer_text(c->descriptor());
  connections_[handle.id()] = c;
  configure_read(handle, caf::io::receive_policy::at_most(read_bytes_max));
  after(hello_deadline, [this, id = handle.id(), serial = c->serial] {
    auto at = connections_.find(id);
    if (at == connections_.end() || at->second->serial != serial || at->second->peer) return;
    drop(connection_ptr{at->second});
  });
  return c;
}

void link_broker::data(const caf::io::new_data_msg& arrived) {
  auto at = connections_.find(arrived.handle.id());
  if (at == connections_.end()) return;
  auto c = at->second;  // it may be dropped on the way
  auto error = c->reader.consume(
      std::as_bytes(std::span{arrived.buf.data(), arrived.buf.size()}),
      [&](const frame& f) { received(c, f); }, [&](frame_error e) { bad_stream(c, e); });
  if (error != frame_error::none)
    bad_stream(c, error);
  else if (c->peer == nullptr && c->reader.buffered() > hello_bytes_max)
    bad_stream(c, frame_error::oversized);
}

void link_broker::received(const connection_ptr& from, const frame& f) {
  if (from->closed) return;
  if (from->peer == nullptr) return greeted(from, f);
  if (f.head().from.node != from->peer->who.id) return report_dropped(*node_, f, "forged_sender");
  if (!node_->directory->deliver(f)) report_dropped(*node_, f, "no_actor");
}

// One malformed frame of a peer is counted; a stream that cannot be followed any more, and
// whatever a stranger gets wrong, ends the connection.
void link_broker::bad_stream(const connection_ptr& from, frame_error error) {
  if (from->closed) return;
  auto who = from->peer != nullptr ? from->peer->who.name : from->remote;
  node_->metrics
      ->make_counter("understudy_frames_refused_total", "Bytes that are no frame of ours",
                     {{"reason", to_string(error)}})
      .add();
  if (from->peer != nullptr && error == frame_error::malformed) {
    if (told_.size() < told_max && told_.insert("malformed " + who).second)
      node_->ports.log->write(severity::warning, "frame_malformed", {{"peer", who}});
    return;
  }
  refused(from, who, "it sends bytes that are no frame (" + to_string(error) + ")");
  drop(from);
}

// CAF keeps a connection until its buffer is out, which for a peer that does not read is
// never; shut down, the socket refuses the rest.
void link_broker::drop(const connection_ptr& c) {
  if (c->closed) return;
  if (c->peer != nullptr) ::shutdown(c->descriptor(), SHUT_RDWR);
  close(c->handle);
  forget(c);
}

void link_broker::forget(const connection_ptr& c) {
  if (std::exchange(c->closed, true)) return;
  connections_.erase(c->handle.id());
  if (c->peer == nullptr && c->dialled == nullptr) --strangers_;
  if (c->dialled != nullptr && c->peer == nullptr) {
    c->dialled->greeting = false;
    dial_later(*c->dialled);
  }
  if (c->peer != nullptr && c->peer->active == c) lost(*c->peer);
}

// -- the first frame

void link_broker::greeted(const connection_ptr& c, const frame& f) {
  if (auto reason = read_refused(f); reason && c->dialled != nullptr) {
    refused(c, c->dialled->who.name, "it says: " + *reason);
    c->dialled->backoff = backoff_max;
    return drop(c);
  }
  auto h = read_hello(f);
  auto why = !h ? std::string{"its first frame is no hello"}
                : refusal(*node_, *h, c->dialled != nullptr ? c->dialled->who.name : "",
                          find(node_id_of(h->node)) != nullptr);
  if (!why.empty()) {
    refused(c, c->remote + (h ? " (node '" + h->node + "')" : ""), why);
    if (c->dialled == nullptr)
      (void)write_now(c->descriptor(), make_refused(*node_, why));
    else
      c->dialled->backoff = backoff_max;
    return drop(c);
  }
  auto* peer = find(node_id_of(h->node));
  if (peer == nullptr || (c->dialled != nullptr && !peer->dials)) return drop(c);
  if (c->dialled != nullptr) return establish(c, *peer, h->incarnation);
  if (peer->dials) return knocked(c, *peer, h->incarnation);
  if (!write_now(c->descriptor(), make_hello(*node_, ""))) return drop(c);
  establish(c, *peer, h->incarnation);
}

// With the same incarnation it is an old knock, overtaken by the link: no reason to end that.
void link_broker::knocked(const connection_ptr& c, link_peer& from, std::uint64_t incarnation) {
  drop(c);
  if (from.active && from.incarnation != incarnation) return drop(connection_ptr{from.active});
  from.backoff = backoff_min;
  dial(from);
}

void link_broker::establish(const connection_ptr& c, link_peer& with, std::uint64_t incarnation) {
  if (c->dialled == nullptr) --strangers_;
  c->peer = &with;
  with.greeting = false;
  // The peer knows better that the old connection is dead: it made a new one.
  if (auto old = std::exchange(with.active, c)) {
    with.stage.clear();
    with.out->close();
    drop(old);
  }
  with.incarnation = incarnation;
  with.up_since = node_->ports.clock->now();
  with.blocked = false;
  with.refusal_told = false;
  with.backoff = backoff_min;
  limit_silence(c->descriptor(), node_->timing.heartbeat_silence_max);
  ack_writes(c->handle, true);
  with.up.set(1);
  with.out->open();
  node_->ports.log->write(severity::info, "link_up", {{"peer", with.who.name}});
  tell_monitor(link_up{with.who.id});
}

void link_broker::refused(const connection_ptr& c, const std::string& who, const std::string& why) {
  refusals_.add();
  auto about = (c->dialled != nullptr ? c->dialled->who.name : std::string{}) + why;
  if (told_.size() >= told_max || !told_.insert(about).second) return;
  node_->ports.log->write(severity::warning, "link_refused", {{"peer", who}, {"why", why}});
}

template <class Message>
void link_broker::tell_monitor(Message m) {
  if (auto monitor = node_->directory->find(monitor_key())) caf::anon_send(monitor, std::move(m));
}

// -- peers

link_peer* link_broker::find(node_id node) {
  for (auto& p : peers_)
    if (p->who.id == node) return p.get();
  return nullptr;
}

void link_broker::lost(link_peer& p) {
  p.active.reset();
  p.stage.clear();
  p.blocked = false;
  p.out->close();
  p.up.set(0);
  node_->ports.log->write(severity::info, "link_down", {{"peer", p.who.name}});
  tell_monitor(link_down{p.who.id, false});
  // At once: a refusal now says that the process is gone. But a link that breaks as soon as
  // it stands must not be made without pause.
  if (node_->ports.clock->now() - p.up_since > backoff_min)
    dial(p);
  else
    dial_later(p);
}

void link_broker::dial(link_peer& p) {
  if (p.active || p.dialling || p.greeting) return;
  p.dialling = true;
  setup_->dial(p.who.id, caf::actor_cast<caf::actor>(this));
}

void link_broker::dial_later(link_peer& p) {
  if (p.waiting || p.active) return;
  p.waiting = true;
  auto most = static_cast<std::uint64_t>(p.backoff.count());
  std::chrono::milliseconds delay{node_->ports.random->between(most / 2, most)};
  p.backoff = std::min(p.backoff * 2, backoff_max);
  after(delay, [this, &p] {
    p.waiting = false;
    dial(p);
  });
}

void link_broker::dialled(link_peer& p, dial_outcome& outcome) {
  p.dialling = false;
  if (!outcome.socket) {
    if (outcome.refused && !std::exchange(p.refusal_told, true))
      tell_monitor(link_down{p.who.id, true});
    return dial_later(p);
  }
  if (p.active) return;
  // Before CAF has the socket: one that is added and closed in the same turn would leak in it.
  if (!write_now(outcome.socket.get(), make_hello(*node_, p.who.name))) return dial_later(p);
  open(add_scribe(outcome.socket.release()), &p);
  p.greeting = true;
  p.refusal_told = false;
}

}  // namespace us
