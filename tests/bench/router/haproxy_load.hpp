#pragma once
/// HAProxy before the same processes as the router has: a request over HTTP, on a connection of its
/// own, every few milliseconds.

#include "tests/router/live_load.hpp"

#include <string>

namespace us::bench {

constexpr const char* haproxy_program = "/usr/sbin/haproxy";

enum class proxying {
  connections,  ///< passes connections on; tries another server when it cannot connect
  requests,     ///< reads the requests, and asks another server when one fails or is slow
};

/// Runs HAProxy, checking each server every 100 ms (2 failures: it is out), and sends requests as
/// planned. Those not answered in time, or with an error, count as unknown. Throws when HAProxy
/// does not start.
test::load_result run_haproxy(test::live_backends& backends, proxying how,
                              const test::load_plan& plan);

}  // namespace us::bench
