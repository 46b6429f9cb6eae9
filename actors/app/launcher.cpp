#include "actors/app/launcher.hpp"

#include "actors/app/address_owners.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace us {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds backoff_min{200};
constexpr milliseconds backoff_max{5000};
constexpr milliseconds settled_after{10'000};
constexpr milliseconds kill_after{12'000};

milliseconds backoff(unsigned failures) {
  auto doubled = backoff_min * (1u << std::min(failures, 10u));
  return std::min(doubled, backoff_max);
}

const char* name_of(severity level) {
  switch (level) {
    case severity::debug: return "debug";
    case severity::info: return "info";
    case severity::warning: return "warning";
    case severity::error: return "error";
    case severity::event: return "event";
  }
  return "info";
}

std::vector<std::string> arguments_of(const cluster_config& config, const node_config& node,
                                      const log_choice& log) {
  return {"understudy-node", "run",
          "--config",        config.file,
          "--node",          node.name,
          "--log-format",    log.json ? "json" : "text",
          "--log-level",     name_of(log.least)};
}

}  // namespace

int run_cluster(const cluster_config& config, const log_choice& log) {
  if (auto fits = fits_one_host(config); !fits) {
    std::fprintf(stderr, "%s\n", fits.error().text.c_str());
    return exit_usage;
  }
  return launcher{config, log}.run();
}

launcher::launcher(const cluster_config& config, const log_choice& log)
    : signals_{SIGINT, SIGTERM, SIGHUP, SIGCHLD} {
  signal(SIGPIPE, SIG_IGN);
  for (const auto& node : config.nodes) {
    auto& m = members_.emplace_back();
    m.node = node.name;
    m.arguments = arguments_of(config, node, log);
  }
  greet(config);
}

void launcher::greet(const cluster_config& config) {
  auto count = members_.size();
  terminal_.line(fmt::format("cluster {}: {} node{} on this machine; Ctrl-C stops {}", config.name,
                             count, count == 1 ? "" : "s", count == 1 ? "it" : "them all"));
  for (const auto& node : config.nodes) {
    auto line = fmt::format("  {}  ", node.name);
    for (const auto& [key, where] : node.edges)
      line += fmt::format("{} {}  ", key, to_string(where));
    if (node.admin.port != 0) line += fmt::format("http://{}/", to_string(node.admin));
    terminal_.line(line);
  }
}

int launcher::run() {
  for (auto& m : members_) start(m);
  while (!all_ended()) {
    auto ready = watched();
    if (poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR)
      throw std::system_error{errno, std::generic_category(), "poll"};
    handle(ready);
  }
  flush();
  return code_;
}

void launcher::start(member& m) {
  m.process = child_process::start(m.arguments);
  m.now = phase::starting;
}

void launcher::on_ready(member& m) {
  m.now = phase::up;
  m.was_ready = true;
  if (!stopping_) m.alarm.arm(settled_after);
  if (said_ready_ ||
      !std::all_of(members_.begin(), members_.end(), [](const member& n) { return n.was_ready; }))
    return;
  said_ready_ = true;
  terminal_.line("every node is up");
}

void launcher::on_alarm(member& m) {
  if (stopping_) return m.process.signal(SIGKILL);
  if (m.now == phase::up) m.failures = 0;
  if (m.now == phase::waiting) start(m);
}

void launcher::on_end(member& m, int status) {
  drain(m);
  m.alarm.disarm();
  m.process = {};
  auto was_ready = m.was_ready;
  m.now = phase::ended;
  if (stopping_) return stop_next();
  if (!was_ready && WIFEXITED(status)) {
    terminal_.line(fmt::format("{} cannot start ({}); stopping", m.node, describe_end(status)));
    return stop(WEXITSTATUS(status) == exit_usage ? exit_usage : exit_failed);
  }
  restart_later(m, status);
}

void launcher::restart_later(member& m, int status) {
  auto delay = backoff(m.failures++);
  terminal_.line(fmt::format("{} ended with {}; it is started again in {} ms", m.node,
                             describe_end(status), delay.count()));
  m.now = phase::waiting;
  m.alarm.arm(delay);
}

void launcher::on_signal(int number) {
  if (number == SIGCHLD) return collect_ends();
  if (!stopping_) {
    terminal_.line("stopping");
    second_signal_.arm(second_signal_after);
    return stop(exit_ok);
  }
  if (!second_signal_.expired()) return;
  for (auto& m : members_) m.process.signal(SIGKILL);
}

void launcher::stop(int code) {
  stopping_ = true;
  code_ = code;
  for (auto& m : members_)
    if (m.now == phase::waiting) {
      m.alarm.disarm();
      m.now = phase::ended;
    }
  stop_next();
}

void launcher::stop_next() {
  for (auto m = members_.rbegin(); m != members_.rend(); ++m) {
    if (!m->process.running()) continue;
    m->process.signal(SIGTERM);
    m->alarm.arm(kill_after);
    return;
  }
}

bool launcher::all_ended() const {
  return std::all_of(members_.begin(), members_.end(),
                     [](const member& m) { return m.now == phase::ended; });
}

void launcher::pass_lines(member& m) {
  while (auto line = m.lines.next()) terminal_.line(m.node + " | " + *line);
}

// What the child wrote before it ended.
void launcher::drain(member& m) {
  for (;;) {
    if (m.process.output_fd() < 0) break;
    auto size = m.lines.buffer().size();
    if (!m.process.read_output(m.lines.buffer()) || m.lines.buffer().size() == size) break;
    pass_lines(m);
  }
  pass_lines(m);
  if (auto rest = m.lines.rest(); !rest.empty()) terminal_.line(m.node + " | " + rest);
  if (m.process.ready_fd() >= 0 && m.process.read_ready()) on_ready(m);
}

void launcher::collect_ends() {
  for (auto& m : members_)
    if (auto status = m.process.reap()) on_end(m, *status);
}

// Negative descriptors are passed over by poll(). Three per member, after the two common ones.
std::vector<pollfd> launcher::watched() {
  std::vector<pollfd> all{{signals_.fd(), POLLIN, 0},
                          {terminal_.waiting() ? STDOUT_FILENO : -1, POLLOUT, 0}};
  for (auto& m : members_) {
    all.push_back({m.process.output_fd(), POLLIN, 0});
    all.push_back({m.process.ready_fd(), POLLIN, 0});
    all.push_back({m.alarm.fd(), POLLIN, 0});
  }
  return all;
}

void launcher::handle(const std::vector<pollfd>& ready) {
  if (ready[1].revents != 0) terminal_.write_some();
  for (std::size_t i = 0; i < members_.size(); ++i) {
    auto& m = members_[i];
    if (ready[2 + 3 * i].revents != 0) {
      m.process.read_output(m.lines.buffer());
      pass_lines(m);
    }
    if (ready[3 + 3 * i].revents != 0 && m.process.read_ready()) on_ready(m);
    if (ready[4 + 3 * i].revents != 0 && m.alarm.expired()) on_alarm(m);
  }
  // Last: it replaces processes whose descriptors are in `ready`.
  if (ready[0].revents != 0)
    while (int number = signals_.next()) on_signal(number);
}

// The last lines, if stdout takes them within a second.
void launcher::flush() {
  pollfd out{STDOUT_FILENO, POLLOUT, 0};
  while (terminal_.waiting() && poll(&out, 1, 1000) > 0) terminal_.write_some();
}

}  // namespace us
