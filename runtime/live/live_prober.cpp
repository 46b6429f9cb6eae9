#include "runtime/live/live_prober.hpp"

#include "runtime/live/probe_job.hpp"
#include "runtime/task.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <list>
#include <mutex>
#include <poll.h>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace us {

namespace {

using time_of = std::chrono::steady_clock::time_point;

struct asked {
  probe what;
  std::chrono::milliseconds timeout;
  time_of deadline;
  caf::actor receiver;
  std::function<void(const probe_result&)> then;

  void end(probe_result result) {
    if (receiver)
      caf::anon_send(receiver,
                     task{[then = std::move(then), result = std::move(result)] { then(result); }});
    receiver = nullptr;
  }
};

struct under_way {
  asked from;
  std::unique_ptr<probe_job> job;
  bool over = false;
};

}  // namespace

struct live_prober::impl {
  std::mutex mutex;
  std::vector<asked> waiting;
  bool ending = false;
  owned_socket wake{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};

  std::list<under_way> running;  ///< of the thread alone
  std::vector<pollfd> watched;

  void ring() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] auto told = ::write(wake.get(), &one, sizeof one);
  }

  // False: it ends.
  bool take() {
    std::uint64_t rung = 0;
    [[maybe_unused]] auto count = ::read(wake.get(), &rung, sizeof rung);
    std::vector<asked> now;
    {
      std::lock_guard lock{mutex};
      if (ending) return false;
      now.swap(waiting);
    }
    for (auto& each : now) {
      auto started = start_probe(each.what);
      if (started.job)
        running.push_back({std::move(each), std::move(started.job)});
      else
        each.end(std::move(started.ended));
    }
    return true;
  }

  int patience_ms() const {
    auto first = time_of::max();
    for (const auto& each : running)
      if (each.from.receiver) first = std::min(first, each.from.deadline);
    if (first == time_of::max()) return -1;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(first - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
  }

  void wait() {
    watched.assign(1, {wake.get(), POLLIN, 0});
    for (const auto& each : running)
      watched.push_back({each.job->descriptor(), each.job->events(), 0});
    if (::poll(watched.data(), watched.size(), patience_ms()) < 0)
      for (auto& each : watched) each.revents = 0;
  }

  void look() {
    const auto now = std::chrono::steady_clock::now();
    auto at = running.begin();
    for (std::size_t i = 1; i < watched.size(); ++i, ++at) {
      if (watched[i].revents != 0)
        if (auto result = at->job->ready()) {
          at->over = true;
          at->from.end(std::move(*result));
        }
      if (at->over || !at->from.receiver || now < at->from.deadline) continue;
      at->from.end({false, "no answer in " + std::to_string(at->from.timeout.count()) + " ms"});
      at->over = at->job->cancel();
    }
    running.remove_if([](const under_way& each) { return each.over; });
  }

  void work() {
    while (take()) {
      wait();
      look();
    }
    running.clear();
  }
};

live_prober::live_prober() : impl_(std::make_shared<impl>()) {
  if (!impl_->wake) throw std::system_error{errno, std::generic_category(), "eventfd"};
  thread_ = std::thread{[state = impl_] { state->work(); }};
}

live_prober::~live_prober() {
  {
    std::lock_guard lock{impl_->mutex};
    impl_->ending = true;
  }
  impl_->ring();
  thread_.join();
}

void live_prober::run(const probe& what, std::chrono::milliseconds timeout, caf::actor receiver,
                      std::function<void(const probe_result&)> then) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  {
    std::lock_guard lock{impl_->mutex};
    impl_->waiting.push_back({what, timeout, deadline, std::move(receiver), std::move(then)});
  }
  impl_->ring();
}

}  // namespace us
