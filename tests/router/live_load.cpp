#include "tests/router/live_load.hpp"

#include "actors/router/router.hpp"
#include "runtime/health/heartbeat_monitor.hpp"
#include "runtime/node/node_actor.hpp"
#include "tests/router/echo_service.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <fstream>
#include <future>
#include <stdexcept>

namespace us::test {

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

const std::vector<std::string> names{"a", "b", "c"};

class load_actor final : public node_actor {
 public:
  load_actor(caf::actor_config& config, node_ptr node, load_plan plan,
             std::shared_ptr<std::promise<load_result>> into)
      : node_actor(config, std::move(node)), plan_(std::move(plan)), into_(std::move(into)) {}

  void on_exit() override {
    node_actor::on_exit();
    router_.reset();
  }

 protected:
  caf::behavior make_behavior() override {
    listen_as(actor_key_of("load"));
    router::options how{.service = "echo"};
    for (const auto& name : names) how.targets.push_back({node_id_of(name), name});
    how.idempotent = idempotent_types(echo_service("", nullptr));
    router_ = router::make(shared_node(), handle(), key(), how,
                           [this](request_sequence id, const outcome& o) { ended(id, o); });
    router_->watch_members();
    begin();
    return serve(dispatch_table{router_->handlers()},
                 {[this](const member_changed& change) { router_->on_member(change); }});
  }

 private:
  struct sent {
    time_point at;
    bool charge;
  };

  void begin() {
    if (router_->usable() < names.size()) return after(5ms, [this] { begin(); });
    started_ = now();
    if (plan_.act) after(plan_.act_at, [this] { plan_.act(); });
    next();
  }

  void next() {
    if (now() - started_ >= plan_.length) return finish_if_ended();
    const auto number = result_.sent++;
    const bool charge = plan_.charges > 0 && number % plan_.charges == 0;
    const auto id = router_->submit(
        [&](message::Request::Builder request) {
          request.setType(charge ? capnp::typeId<Charge>() : capnp::typeId<Echo>());
          if (charge)
            request.getBody().initAs<Charge>().setNumber(number);
          else
            request.getBody().initAs<Echo>().setNumber(number);
        },
        {.timeout = plan_.timeout});
    open_.emplace(id, sent{now(), charge});
    after(plan_.every, [this] { next(); });
  }

  void ended(request_sequence id, const outcome& o) {
    const auto at = open_.find(id);
    const auto took = std::chrono::duration_cast<milliseconds>(now() - at->second.at);
    result_.slowest = std::max(result_.slowest, took);
    if (o.kind == outcome_kind::done) {
      ++result_.done;
      capnp::FlatArrayMessageReader reader{as_words(o.reply)};
      ++result_.answered_by[reader.getRoot<Echoed>().getNode().cStr()];
    } else {
      ++(o.kind == outcome_kind::rejected ? result_.rejected : result_.unknown);
      if (!at->second.charge) ++result_.echoes_failed;
    }
    open_.erase(at);
    if (now() - started_ >= plan_.length) finish_if_ended();
  }

  void finish_if_ended() {
    if (!open_.empty() || !into_) return;
    std::exchange(into_, nullptr)->set_value(result_);
    quit();
  }

  load_plan plan_;
  std::shared_ptr<std::promise<load_result>> into_;
  std::shared_ptr<router> router_;
  std::unordered_map<request_sequence, sent> open_;
  time_point started_;
  load_result result_;
};

std::string config_text(const std::string& directory, std::vector<std::uint16_t>& admin) {
  auto ports = ::test::free_ports(2 * names.size() + 1);
  admin.assign(ports.end() - static_cast<std::ptrdiff_t>(names.size()), ports.end());
  std::string text = "[cluster]\nname = \"routed\"\n[service.echo]\nreplication = \"none\"\n";
  std::size_t i = 0;
  for (const auto* name : {"a", "b", "c", "client"}) {
    text += "[[node]]\nname = \"" + std::string{name} +
            "\"\naddress = \"127.0.0.1:" + std::to_string(ports[i]) + "\"\ndata = \"" + directory +
            "/" + name + "\"\n";
    if (i < admin.size()) text += "admin = \"127.0.0.1:" + std::to_string(admin[i]) + "\"\n";
    ++i;
  }
  return text;
}

template <class T>
T value_of(result<T> made) {
  if (!made) throw std::runtime_error{made.error().text};
  return std::move(*made);
}

}  // namespace

live_backends::live_backends(const std::string& echo_program) {
  const auto file = directory_.path() + "/echo.toml";
  std::ofstream{file} << config_text(directory_.path(), admin_ports_);
  config_ = value_of(load_config(file, {.services = {"echo"}, .edge_keys = {}}));
  for (const auto& name : names)
    processes_[name] = std::make_unique<::test::program>(
        echo_program, std::vector<std::string>{"run", "--config", file, "--node", name});
  for (auto& [name, process] : processes_)
    if (!process->line_with(name + " is up"))
      throw std::runtime_error{name + " is not up:\n" + process->output()};
  live_node_options quiet;
  quiet.style.least = severity::error;
  live_ = value_of(make_live_node(system_, config_, *config_.find_node("client"), quiet));
  monitor_ = spawn_heartbeat_monitor(system_.actors(), live_->node(), nullptr);
}

live_backends::~live_backends() {
  caf::anon_send_exit(monitor_, caf::exit_reason::kill);
  caf::scoped_actor self{system_.actors()};
  self->wait_for(monitor_);
  monitor_ = nullptr;
  live_->stop();
}

load_result live_backends::run(const load_plan& plan) {
  auto into = std::make_shared<std::promise<load_result>>();
  auto future = into->get_future();
  auto load = system_.actors().spawn<load_actor>(live_->node(), plan, std::move(into));
  if (future.wait_for(plan.length + 60s) != std::future_status::ready)
    throw std::runtime_error{"some requests never end, or not all processes answer"};
  return future.get();
}

}  // namespace us::test
