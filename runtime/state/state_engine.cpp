#include "runtime/state/state_engine.hpp"

#include "runtime/state/memory_state.hpp"

#include <fmt/format.h>

namespace us {

namespace {

class memory_states final : public state_engine {
 public:
  std::string_view name() const override { return "memory"; }
  result<std::unique_ptr<state>> make(const record_place&, std::uint64_t) const override {
    return make_memory_state();
  }
  result<std::unique_ptr<state>> open(const record_place& in,
                                      const store_name& named) const override {
    return of_another_engine(in, named, name());
  }
};

}  // namespace

engine_ptr memory_engine() {
  static const engine_ptr one = std::make_shared<memory_states>();
  return one;
}

std::string directory_of(const record_place& in, std::uint64_t number) {
  return fmt::format("{}/{:016x}", in.directory, number);
}

status remove_states_but(const record_place& in, std::uint64_t kept) {
  auto all = in.where->list(in.directory);
  if (!all) return all.error();
  for (const auto& name : *all) {
    const auto path = in.directory + "/" + name;
    if (kept != 0 && path == directory_of(in, kept)) continue;
    auto files = in.where->list(path);
    if (!files) return files.error();
    for (const auto& file : *files)
      if (auto removed = in.where->remove(path + "/" + file); !removed) return removed;
    if (auto removed = in.where->remove(path); !removed) return removed;
  }
  return all->empty() ? status{done{}} : in.where->sync_directory(in.directory);
}

failure of_another_engine(const record_place& in, const store_name& named, std::string_view asked) {
  return {errc::invalid_config,
          in.directory + ": the records are kept by state = \"" + named.engine +
              "\" and the service is configured with \"" + std::string{asked} +
              "\"; set state = \"" + named.engine +
              "\" again, or empty this node's data directory, so that it is rebuilt from the "
              "others"};
}

}  // namespace us
