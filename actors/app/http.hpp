#pragma once
/// HTTP/1.1, small and bounded: a server for the admin interface, and a client for the command
/// line. Blocking; the server runs in threads of its own, never on a node's loop.
///
/// Bounds: bodies of at most http_body_max, a few threads, one request per connection (an
/// idle connection holds no thread), read and write timeouts of seconds. More connections
/// than that wait in the kernel's queue.

#include "runtime/config/config.hpp"
#include "runtime/error.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace us {

constexpr std::size_t http_body_max = 1u << 20;

struct http_request {
  std::string method;  ///< GET or POST
  std::string path;    ///< decoded, without the query
  std::string body;
  std::multimap<std::string, std::string> query = {};  ///< decoded
};

struct http_response {
  int status = 200;
  std::string body;
  std::string type = "application/json";
  std::map<std::string, std::string> headers = {};  ///< further ones
};

class http_server {
 public:
  using handler = std::function<http_response(const http_request&)>;

  /// Takes the port; connections wait until serve(). io_failed: it is in use, or no address of
  /// this machine.
  static result<std::unique_ptr<http_server>> bind(const endpoint& where);
  /// Starts answering. `answer` is called from several threads at once; what it throws becomes
  /// status 500.
  void serve(handler answer);
  /// Waits for the answers that are on their way.
  ~http_server();

 private:
  struct impl;
  explicit http_server(std::unique_ptr<impl> state);
  std::unique_ptr<impl> impl_;
};

/// unreachable: there was certainly no request. io_failed: there may have been one, but no answer.
result<http_response> http_call(const endpoint& where, const http_request& request,
                                std::chrono::milliseconds timeout);

}  // namespace us
