#include "tests/kv/edge_node.hpp"

#include "runtime/live/live_clock.hpp"
#include "runtime/live/live_random.hpp"

#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <future>
#include <stdexcept>

namespace kv::test {

void waiting_log::write(us::severity, std::string_view what,
                        std::initializer_list<us::log_field> fields) {
  std::lock_guard lock{mutex_};
  auto& added = lines_.emplace_back();
  added.what = what;
  for (const auto& each : fields) added.fields.emplace_back(each.name, each.value);
  changed_.notify_all();
}

bool waiting_log::wait_for(const std::string& what) {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, std::chrono::seconds{60}, [&] {
    for (const auto& each : lines_)
      if (each.what == what) return true;
    return false;
  });
}

std::string waiting_log::field(const std::string& what, const std::string& name) {
  std::lock_guard lock{mutex_};
  for (const auto& each : lines_)
    if (each.what == what)
      for (const auto& [key, value] : each.fields)
        if (key == name) return value;
  return {};
}

edge_node::edge_node(redis_options options, const std::string& host,
                     std::chrono::milliseconds request_timeout) {
  auto node = std::make_shared<us::node_context>();
  node->cluster = "test";
  node->name = "a";
  node->id = us::node_id_of("a");
  node->incarnation = 1;
  node->members = {{node->id, "a"}};
  node->timing.request_timeout = request_timeout;
  node->timing.election_timeout_min = request_timeout;  // held requests are not to be sent again
  node->ports.clock = std::make_shared<us::live_clock>(system_.actors());
  node->ports.random = std::make_shared<us::live_random>();
  node->ports.log = log_;
  node->metrics = std::make_shared<us::metrics>();
  node->directory = std::make_shared<us::directory>();
  node->loop = system_.loop();
  node_ = node;
  caf::actor_config config{system_.loop()};
  seat_ = system_.actors().spawn_class<fake_seat, caf::no_spawn_options>(config, node_, script_);
  on_loop([] {});  // the seat is listed before the edge looks for it
  auto started = redis_edge(options).start(system_.actors(), node_, {host, 0}, 1);
  if (!started) throw std::runtime_error{started.error().text};
  edge_ = *started;
  port_ = us::parse_endpoint(log_->field("redis_listens", "at"))->port;
}

edge_node::~edge_node() {
  stop_edge();
  caf::anon_send_exit(seat_, caf::exit_reason::user_shutdown);
}

void edge_node::ask_edge_to_stop() {
  caf::anon_send_exit(edge_, caf::exit_reason::user_shutdown);
}

bool edge_node::wait_for_edge() {
  caf::scoped_actor self{system_.actors()};
  bool ended = false;
  self->monitor(edge_);
  self->receive([&](const caf::down_msg&) { ended = true; },
                caf::after(std::chrono::seconds{60}) >> [] {});
  return ended;
}

void edge_node::stop_edge() {
  ask_edge_to_stop();
  wait_for_edge();
}

void edge_node::on_loop(std::function<void()> f) {
  std::promise<void> done;
  caf::anon_send(seat_, us::task{[&] {
                   f();
                   done.set_value();
                 }});
  done.get_future().wait();
}

us::result<caf::actor> edge_node::start_another(const us::endpoint& where) {
  return redis_edge().start(system_.actors(), node_, where, 1);
}

}  // namespace kv::test
