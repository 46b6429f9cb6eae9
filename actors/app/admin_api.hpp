#pragma once
/// A node's HTTP interface: what each path answers. See docs/operations.md for the paths.
///
/// Called from HTTP threads, several at once; asks the node's actors and waits for them with
/// a deadline. Errors are JSON objects: {"error": "..."}.

#include "actors/app/http.hpp"
#include "runtime/node/context.hpp"
#include "runtime/service/service.hpp"
#include "runtime/service/submit_options.hpp"

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "messages/status.capnp.h"

namespace us {

struct node_view;

class admin_api {
 public:
  /// Adds what the app knows to the status.
  using status_extension = std::function<void(const node_context&, message::NodeStatus::Builder)>;

  admin_api(node_ptr node, std::vector<service> services, status_extension extension = {})
      : node_(std::move(node)), services_(std::move(services)), extension_(std::move(extension)) {}

  http_response answer(const http_request& request) const;

 private:
  http_response get(const http_request& request) const;
  http_response status() const;
  http_response health() const;
  http_response readiness() const;
  /// `target`: NAME/TYPE
  http_response call(std::string_view target, const http_request& request) const;
  http_response execute(const std::string& name, const service::request_type& type,
                        std::string_view body, const submit_options& options) const;
  http_response change_members(const std::string& name, std::string_view body) const;
  /// `target`: NAME/handover, of a singleton that lives here.
  http_response move(std::string_view target) const;
  /// Lets another node lead a service that is led here.
  http_response lead(std::string_view service, std::string_view body) const;
  std::optional<node_view> view(std::chrono::milliseconds patience) const;
  const service* find(std::string_view name) const;

  node_ptr node_;
  std::vector<service> services_;
  status_extension extension_;
};

/// The dashboard: one page that needs nothing but this server.
extern const std::string_view dashboard_page;

/// This project's version.
std::string_view version();

}  // namespace us
