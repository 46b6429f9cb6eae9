// The loads of kv_throughput_bench on an etcd cluster on loopback, over its gRPC interface: Puts,
// and linearizable Ranges of one key. As many calls are under way as there are clients (times how
// deep); one thread and one completion queue send the next when an answer comes.
//
// usage: kv_etcd_load RUNS SECONDS [conns=2] [all] [load=LOAD] PORT...
//
// The ports are the members' client ports. Calls go to the leader, which another member would have
// to pass them on to; "all" spreads the connections over the members instead. "conns": how many
// connections, at most one for each client. peers.sh starts etcd and runs this.
#include "tests/bench/kv/etcd_kv.grpc.pb.h"
#include "tests/bench/kv/load_series.hpp"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace etcdserverpb;
using clock_type = std::chrono::steady_clock;
using us::bench::load_options;
using us::bench::load_result;

std::string at(std::uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

/// The port of the member that all of them say leads; waits for that.
std::uint16_t leader_of(const std::vector<std::uint16_t>& ports) {
  for (const auto end = clock_type::now() + 30s; clock_type::now() < end;) {
    std::size_t agree = 0;
    std::uint64_t leader = 0;
    std::uint16_t its_port = 0;
    for (const auto port : ports) {
      const auto channel = grpc::CreateChannel(at(port), grpc::InsecureChannelCredentials());
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() + 1s);
      context.set_wait_for_ready(true);
      StatusResponse status;
      if (!Maintenance::NewStub(channel)->Status(&context, {}, &status).ok()) break;
      if (status.leader() == 0 || (agree > 0 && status.leader() != leader)) break;
      leader = status.leader();
      if (status.header().member_id() == leader) its_port = port;
      ++agree;
    }
    if (agree == ports.size() && its_port != 0) return its_port;
    std::this_thread::sleep_for(50ms);
  }
  throw std::runtime_error{"etcd has no leader that all members know"};
}

/// Without waiting for calls that nobody answers.
[[noreturn]] void give_up() {
  std::fprintf(stderr, "etcd does not answer\n");
  std::_Exit(1);
}

struct call {
  grpc::ClientContext context;
  grpc::Status status;
  PutResponse put_response;
  RangeResponse range_response;
  std::unique_ptr<grpc::ClientAsyncResponseReader<PutResponse>> put;
  std::unique_ptr<grpc::ClientAsyncResponseReader<RangeResponse>> range;
  clock_type::time_point sent;
  std::size_t client = 0;
};

class load {
 public:
  load(const load_options& how, std::size_t connections) : how_(how) {
    put_.set_value(std::string(how.value_bytes, 'v'));
    for (std::size_t i = 0; i < std::min(connections, how.connections); ++i) {
      grpc::ChannelArguments own;
      own.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection for each
      own.SetInt(GRPC_ARG_MINIMAL_STACK, 1);  // no retries, no deadlines: a fifth less of CPU
      const auto where = at(how.ports[i % how.ports.size()]);
      auto channel = grpc::CreateCustomChannel(where, grpc::InsecureChannelCredentials(), own);
      if (!channel->WaitForConnected(std::chrono::system_clock::now() + 5s))
        throw std::runtime_error{"cannot connect to " + where};
      stubs_.push_back(KV::NewStub(channel));
    }
  }

  ~load() {
    calls_.Shutdown();
    void* tag = nullptr;
    for (bool ok = false; calls_.Next(&tag, &ok);) delete static_cast<call*>(tag);
  }
  load(const load&) = delete;
  load& operator=(const load&) = delete;

  load_result run() {
    const auto cpu_before = us::bench::cpu_seconds();
    const auto began = clock_type::now();
    until_ = began + std::chrono::duration_cast<clock_type::duration>(
                         std::chrono::duration<double>(how_.seconds));
    for (std::size_t i = 0; i < how_.connections * how_.pipeline; ++i) send(i);
    const auto patience = std::chrono::system_clock::now() + (until_ - began) + 10s;
    void* tag = nullptr;
    bool ok = false;
    while (under_way_ > 0) {
      if (calls_.AsyncNext(&tag, &ok, patience) != grpc::CompletionQueue::GOT_EVENT) give_up();
      take(std::unique_ptr<call>{static_cast<call*>(tag)});
    }
    const auto seconds = std::chrono::duration<double>(clock_type::now() - began).count();
    auto figures = us::bench::result_of(std::move(latencies_), seconds, cpu_before);
    figures.errors = errors_;
    figures.first_error = first_error_;
    return figures;
  }

 private:
  void send(std::size_t client) {
    auto next = std::make_unique<call>();
    next->client = client;
    const auto key = "key:" + std::to_string(chance_() % how_.keys);
    auto& stub = *stubs_[client % stubs_.size()];
    next->sent = clock_type::now();
    ++under_way_;
    if (how_.read) {
      range_.set_key(key);
      next->range = stub.AsyncRange(&next->context, range_, &calls_);
      next->range->Finish(&next->range_response, &next->status, next.get());
    } else {
      put_.set_key(key);
      next->put = stub.AsyncPut(&next->context, put_, &calls_);
      next->put->Finish(&next->put_response, &next->status, next.get());
    }
    (void)next.release();  // the queue gives it back
  }

  void take(std::unique_ptr<call> done) {
    const auto now = clock_type::now();
    --under_way_;
    if (done->status.ok()) {
      latencies_.push_back(std::chrono::duration<float, std::micro>(now - done->sent).count());
    } else if (++errors_ == 1) {
      first_error_ = done->status.error_message();
    }
    if (now < until_) send(done->client);
  }

  load_options how_;
  std::vector<std::unique_ptr<KV::Stub>> stubs_;
  grpc::CompletionQueue calls_;
  PutRequest put_;
  RangeRequest range_;
  std::minstd_rand chance_{7};
  clock_type::time_point until_;
  std::size_t under_way_ = 0;
  std::uint64_t errors_ = 0;
  std::string first_error_;
  std::vector<float> latencies_;
};

int run(int argc, char** argv) {
  load_options how;
  std::size_t connections = 2;
  bool all = false;
  std::string only;
  for (int i = 3; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "all")
      all = true;
    else if (word.starts_with("conns="))
      connections = std::max<std::size_t>(std::strtoul(word.c_str() + 6, nullptr, 10), 1);
    else if (word.starts_with("load="))
      only = word.substr(5);
    else
      how.ports.push_back(static_cast<std::uint16_t>(std::atoi(argv[i])));
  }
  if (how.ports.empty()) {
    std::printf("no ports of etcd given: tests/bench/kv/peers.sh starts it and runs this\n");
    return 0;
  }
  how.seconds = std::atof(argv[2]);
  const auto leader = leader_of(how.ports);
  if (!all) how.ports = {leader};
  const auto runner = [&](const load_options& each) { return load{each, connections}.run(); };
  const int runs = std::atoi(argv[1]);
  if (only.empty()) {
    us::bench::measure_series(how, runs, runner);
  } else {
    const auto name = us::bench::take_shape(only, how);
    us::bench::measure(name, how, runs, runner);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
}
