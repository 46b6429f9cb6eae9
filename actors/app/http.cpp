#include "actors/app/http.hpp"

#include <httplib.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <sys/socket.h>
#include <thread>
#include <vector>

namespace us {

namespace {

constexpr std::size_t threads = 4;
constexpr std::size_t waiting_max = 64;
constexpr std::time_t patience_s = 5;

/// httplib's own pool takes any number of connections; this one lets the accepting thread wait.
class bounded_pool final : public httplib::TaskQueue {
 public:
  bounded_pool() {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }

  void enqueue(std::function<void()> job) override {
    std::unique_lock lock{mutex_};
    room_.wait(lock, [this] { return jobs_.size() < waiting_max; });
    jobs_.push_back(std::move(job));
    filled_.notify_one();
  }

  void shutdown() override {
    {
      std::unique_lock lock{mutex_};
      ending_ = true;
    }
    filled_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

 private:
  void work() {
    for (;;) {
      std::unique_lock lock{mutex_};
      filled_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      auto job = std::move(jobs_.front());
      jobs_.pop_front();
      room_.notify_one();
      lock.unlock();
      job();
    }
  }

  std::mutex mutex_;
  std::condition_variable filled_;
  std::condition_variable room_;
  std::deque<std::function<void()>> jobs_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

// The library's default shares the port with any other process that wants to (SO_REUSEPORT).
void reuse_address_only(socket_t socket) {
  int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

void configure(httplib::Server& server) {
  server.new_task_queue = [] { return new bounded_pool; };
  server.set_socket_options(reuse_address_only);
  server.set_payload_max_length(http_body_max);
  server.set_keep_alive_max_count(1);
  server.set_read_timeout(patience_s);
  server.set_write_timeout(patience_s);
  server.set_tcp_nodelay(true);
}

// A page of another site that is open in the operator's browser must not send requests here.
bool from_other_site(const httplib::Request& request) {
  return request.has_header("Origin") &&
         request.get_header_value("Origin") != "http://" + request.get_header_value("Host");
}

failure no_answer(const endpoint& where, httplib::Error error) {
  auto connected = error != httplib::Error::Connection &&
                   error != httplib::Error::ConnectionTimeout &&
                   error != httplib::Error::BindIPAddress;
  return connected ? failure{errc::io_failed, "no answer from " + to_string(where) + " in time"}
                   : failure{errc::unreachable, "nothing listens at " + to_string(where)};
}

}  // namespace

struct http_server::impl {
  httplib::Server server;
  std::thread acceptor;
  std::atomic<bool> returned{false};
};

http_server::http_server(std::unique_ptr<impl> state) : impl_(std::move(state)) {}

result<std::unique_ptr<http_server>> http_server::bind(const endpoint& where) {
  auto state = std::make_unique<impl>();
  configure(state->server);
  errno = 0;
  if (!state->server.bind_to_port(where.host, where.port))
    return failure{errc::io_failed, "cannot listen on " + to_string(where) + ": " +
                                        (errno != 0 ? std::strerror(errno) : "no such host")};
  return std::unique_ptr<http_server>{new http_server{std::move(state)}};
}

void http_server::serve(handler answer) {
  auto respond = [answer = std::move(answer)](const httplib::Request& from, httplib::Response& to) {
    http_response refused{403, "{\"error\":\"requests from pages of other sites are refused\"}"};
    auto response =
        from_other_site(from) ? refused : answer({from.method, from.path, from.body, from.params});
    to.status = response.status;
    for (const auto& [name, value] : response.headers) to.set_header(name.c_str(), value);
    to.set_content(response.body, response.type.c_str());
  };
  impl_->server.Get(".*", respond);
  impl_->server.Post(".*", respond);
  impl_->server.set_exception_handler(
      [](const httplib::Request&, httplib::Response& to, const std::exception_ptr&) {
        to.status = 500;
        to.set_content("{\"error\":\"internal error\"}", "application/json");
      });
  impl_->acceptor = std::thread{[state = impl_.get()] {
    state->server.listen_after_bind();
    state->returned = true;
  }};
}

http_server::~http_server() {
  if (!impl_->acceptor.joinable()) return;
  // stop() before the thread listens would be lost.
  while (!impl_->server.is_running() && !impl_->returned) std::this_thread::yield();
  impl_->server.stop();
  impl_->acceptor.join();
}

result<http_response> http_call(const endpoint& where, const http_request& request,
                                std::chrono::milliseconds timeout) {
  httplib::Client client{where.host, where.port};
  client.set_connection_timeout(std::min(timeout, std::chrono::milliseconds{1000}));
  client.set_read_timeout(timeout);
  client.set_write_timeout(timeout);
  const auto target = request.query.empty()
                          ? request.path
                          : httplib::append_query_params(request.path, request.query);
  auto answer = request.method == "POST" ? client.Post(target, request.body, "application/json")
                                         : client.Get(target);
  if (!answer) return no_answer(where, answer.error());
  http_response response{answer->status, answer->body, answer->get_header_value("Content-Type")};
  response.headers.insert(answer->headers.begin(), answer->headers.end());
  return response;
}

}  // namespace us
