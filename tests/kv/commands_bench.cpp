// What one command costs where it is executed, and what the protocol around it costs.
#include "apps/kv/connection.hpp"
#include "tests/kv/in_process_kv.hpp"
#include "tests/kv/map_view.hpp"

#include <benchmark/benchmark.h>
#include <capnp/message.h>

#include "apps/kv/kv.capnp.h"

namespace kv::test {
namespace {

constexpr int keys = 10'000;

class prepared {
 public:
  prepared(const std::vector<std::string>& form) {
    for (int i = 0; i < keys; ++i) {
      auto& message = messages_.emplace_back(std::make_unique<capnp::MallocMessageBuilder>());
      auto into = message->initRoot<Command>().initArguments(static_cast<unsigned>(form.size()));
      for (unsigned at = 0; at < form.size(); ++at) {
        const auto text = at == 1 ? form[at] + std::to_string(i) : form[at];
        into.set(at, {reinterpret_cast<const capnp::byte*>(text.data()), text.size()});
      }
    }
  }
  void run(int i, us::record_view& view) {
    capnp::word scratch[64] = {};
    capnp::MallocMessageBuilder reply{kj::arrayPtr(scratch, 64)};
    request_->run(view,
                  messages_[static_cast<std::size_t>(i)]->getRoot<capnp::AnyPointer>().asReader(),
                  reply);
  }

 private:
  us::service service_ = make_service();
  const us::service::request_type* request_ = service_.find(capnp::typeId<Command>());
  std::vector<std::unique_ptr<capnp::MallocMessageBuilder>> messages_;
};

void execute(benchmark::State& state, const std::vector<std::string>& form) {
  map_view view;
  prepared fill{{"SET", "key:", std::string(128, 'v')}};
  prepared numbers{{"SET", "number:", "1"}};
  for (int i = 0; i < keys; ++i) {
    fill.run(i, view);
    numbers.run(i, view);
  }
  prepared commands{form};
  int i = 0;
  for (auto _ : state) {
    commands.run(i, view);
    i = (i + 1) % keys;
  }
}

void handler_set(benchmark::State& state) {
  execute(state, {"SET", "key:", std::string(128, 'v')});
}
void handler_get(benchmark::State& state) {
  execute(state, {"GET", "key:"});
}
void handler_incr(benchmark::State& state) {
  execute(state, {"INCR", "number:"});
}
void handler_set_expiring(benchmark::State& state) {
  execute(state, {"SET", "key:", std::string(128, 'v'), "EX", "100"});
}

// Parsing, looking up and answering, without the service.
void connection_set(benchmark::State& state) {
  connection talk{session{}};
  edge_facts facts;
  const auto bytes = in_process_kv::as_resp({"SET", "key:123456", std::string(128, 'v')});
  capnp::MallocMessageBuilder ok;
  ok.initRoot<Answer>().setOk();
  for (auto _ : state) {
    talk.receive(bytes);
    std::uint32_t taken = 0;
    talk.advance(facts, [&](std::uint32_t i, std::span<const std::string_view>) {
      taken = i;
      return nullptr;
    });
    talk.settle();
    talk.answer(taken, ok.getRoot<Answer>().asReader());
    talk.output().clear();
  }
}

// One tick of upkeep over many records of which none expires.
void upkeep_idle(benchmark::State& state) {
  map_view view;
  prepared fill{{"SET", "key:", std::string(128, 'v')}};
  for (int i = 0; i < keys; ++i) fill.run(i, view);
  const auto service = make_service();
  for (int i = 0; i < 64; ++i) service.upkeeps().at(0).run(view);
  for (auto _ : state) service.upkeeps().at(0).run(view);
}

BENCHMARK(handler_set);
BENCHMARK(handler_get);
BENCHMARK(handler_incr);
BENCHMARK(handler_set_expiring);
BENCHMARK(connection_set);
BENCHMARK(upkeep_idle);

}  // namespace
}  // namespace kv::test

BENCHMARK_MAIN();
