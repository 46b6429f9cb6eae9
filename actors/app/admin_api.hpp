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
#include <map>
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

  /// `partitions`: of the services that have more than one.
  admin_api(node_ptr node, std::vector<service> services, status_extension extension = {},
            std::map<std::string, std::uint32_t> partitions = {})
      : node_(std::move(node)),
        services_(std::move(services)),
        extension_(std::move(extension)),
        partitions_(std::move(partitions)) {}

  http_response answer(const http_request& request) const;

 private:
  http_response get(const http_request& request) const;
  /// `each`: what every partition's replica says, too.
  http_response status(bool each) const;
  http_response health() const;
  http_response readiness() const;
  /// `target`: NAME/TYPE
  http_response call(std::string_view target, const http_request& request) const;
  http_response execute(const std::string& name, const service::request_type& type,
                        std::string_view body, const submit_options& options) const;
  http_response change_members(const std::string& name, const http_request& request) const;
  /// `target`: NAME/handover, of a singleton that lives here.
  http_response move(std::string_view target) const;
  /// Lets another node lead what is led here of a service.
  http_response lead(const std::string& service, const http_request& request) const;
  std::optional<node_view> view(std::chrono::milliseconds patience) const;
  const service* find(std::string_view name) const;
  std::uint32_t partitions_of(const std::string& service) const;
  /// The partition that the query asks for; nullopt: none. The failure is for whoever asked.
  result<std::optional<std::uint32_t>> asked_partition(const std::string& service,
                                                       const http_request& request) const;

  node_ptr node_;
  std::vector<service> services_;
  status_extension extension_;
  std::map<std::string, std::uint32_t> partitions_;
};

/// The dashboard: one page that needs nothing but this server.
extern const std::string_view dashboard_page;

/// This project's version.
std::string_view version();

}  // namespace us
