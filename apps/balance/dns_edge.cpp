#include "apps/balance/dns_edge.hpp"

#include "actors/dns/zone_keeper.hpp"
#include "apps/balance/balance_config.hpp"
#include "runtime/live/dns_tcp.hpp"
#include "runtime/live/dns_udp.hpp"
#include "runtime/live/live_prober.hpp"

#include <map>
#include <memory>
#include <mutex>

namespace balance {

namespace {

/// What the functions of the app share.
struct shared {
  config settings;
  std::mutex mutex;
  std::map<us::node_id, std::shared_ptr<us::dns::backend_table>> tables;

  std::shared_ptr<us::dns::backend_table> table_of(us::node_id node) {
    const std::lock_guard lock{mutex};
    auto& table = tables[node];
    if (!table) table = std::make_shared<us::dns::backend_table>();
    return table;
  }
};
using shared_ptr = std::shared_ptr<shared>;

struct responders {
  std::unique_ptr<us::dns_udp> udp;
  std::unique_ptr<us::dns_tcp> tcp;
};

us::result<caf::actor> start(const shared_ptr& app, caf::actor_system& system,
                             const us::node_ptr& node, const us::endpoint& where) {
  const auto& settings = app->settings;
  const auto answers = std::make_shared<us::dns::current_answers>();
  const us::dns_udp_options udp_options{settings.responses_per_second, node->ports.random->next()};
  auto udp = us::dns_udp::open(where, udp_options, answers, node->metrics);
  if (!udp) return udp.error();
  const us::dns_tcp_options tcp_options{.connections_max = settings.tcp_connections_max};
  auto tcp = us::dns_tcp::open(where, tcp_options, answers, node->metrics);
  if (!tcp) return tcp.error();
  auto serving = std::make_shared<responders>(std::move(*udp), std::move(*tcp));
  node->ports.log->write(us::severity::info, "dns_listens",
                         {{"at", us::to_string(where)}, {"zone", settings.zone.name}});
  return us::dns::spawn_zone_keeper(
      system, node,
      {settings.zone, settings.checks, std::make_shared<us::live_prober>(), answers,
       app->table_of(node->id), std::move(serving)});
}

void add_status(const shared_ptr& app, const us::node_context& node,
                us::message::NodeStatus::Builder into) {
  const auto backends = app->table_of(node.id)->snapshot();
  auto list = into.initBackends(static_cast<unsigned>(backends.size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    const auto& each = backends[i];
    list[i].setName(each.name);
    list[i].setState(each.answered ? "up" : "down");
    list[i].setOwn(to_string(each.own));
    list[i].setVotesUp(static_cast<std::uint32_t>(each.votes.up));
    list[i].setVotesDown(static_cast<std::uint32_t>(each.votes.down));
    list[i].setWhy(each.why);
  }
}

}  // namespace

us::app make_app() {
  auto app = std::make_shared<shared>();
  us::edge dns{"dns", "",
               [app](caf::actor_system& system, const us::node_ptr& node, const us::endpoint& where,
                     std::uint32_t) { return start(app, system, node, where); },
               true};
  us::app made{"balance", {}, {std::move(dns)}};
  made.config_tables = table_names();
  made.read_config = [app](const us::toml_reader& file, const us::cluster_config& cluster) {
    app->settings = read_config(file, cluster);
  };
  made.add_status = [app](const us::node_context& node, us::message::NodeStatus::Builder into) {
    add_status(app, node, into);
  };
  return made;
}

}  // namespace balance
