#pragma once
/// A request to the cluster as a command makes it: over HTTP to the first node that is reached.
/// Blocks.

#include "actors/app/http.hpp"
#include "runtime/config/config.hpp"

#include <string>
#include <vector>

namespace us {

/// The nodes that have an admin address; `only`: no other than this one, unless empty.
std::vector<const node_config*> nodes_to_call(const cluster_config& config,
                                              const std::string& only = {});

/// Asks one node after another, but only while it is certain that none got the request.
/// unreachable: certainly none got it; other errors: one may have.
result<http_response> call_first(const std::vector<const node_config*>& nodes,
                                 const http_request& request, std::chrono::milliseconds timeout);

/// How long a request to a service may take until its answer comes.
std::chrono::milliseconds call_timeout(const cluster_config& config);

}  // namespace us
