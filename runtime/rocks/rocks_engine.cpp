#include "runtime/rocks/rocks_engine.hpp"

#include "runtime/log/segment_files.hpp"
#include "runtime/rocks/rocks_state.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <algorithm>

namespace us {

namespace {

constexpr std::string_view engine_name = "rocksdb";
constexpr int never = 1 << 20;  ///< more than there will ever be

/// What goes wrong comes by status and listener. RocksDB's own log would lie on the disk that may
/// be full, where Debian's build, which has its assertions, ends the process with the second line
/// that finds no space.
class no_log final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

class rocks_states final : public state_engine {
 public:
  explicit rocks_states(const rocks_limits& limits)
      : limits_(limits), cache_(rocksdb::NewLRUCache(limits.cache_bytes)) {}

  std::string_view name() const override { return engine_name; }

  result<std::unique_ptr<state>> make(const record_place& in, std::uint64_t number) const override {
    if (auto made = make_log_directory(*in.where, in.directory); !made) return made.error();
    auto opened = open_at(in, number, true);
    if (!opened) return opened.error();
    return std::unique_ptr<state>{std::move(*opened)};
  }

  result<std::unique_ptr<state>> open(const record_place& in,
                                      const store_name& named) const override {
    if (named.engine != engine_name) return of_another_engine(in, named, engine_name);
    auto opened = open_at(in, named.number, false);
    if (!opened) return opened.error();
    if (auto loaded = (*opened)->load(); !loaded) return loaded.error();
    return std::unique_ptr<state>{std::move(*opened)};
  }

 private:
  result<std::unique_ptr<rocks::rocks_state>> open_at(const record_place& in, std::uint64_t number,
                                                      bool fresh) const {
    const auto path = in.where->real_path(directory_of(in, number));
    if (path.empty())
      return failure{errc::invalid_config,
                     "state = \"rocksdb\" needs a real disk; use \"memory\" in a simulation"};
    auto opened = rocks::database::open(options(), path, fresh);
    if (!opened) return opened.error();
    return std::make_unique<rocks::rocks_state>(
        std::move(*opened), store_name{std::string{engine_name}, number}, limits_.memtable_bytes);
  }

  rocksdb::Options options() const {
    rocksdb::Options o;
    // Nothing is written out but by the owner, who waits for nothing: no bound of RocksDB's may
    // begin a write or hold one up.
    o.write_buffer_size = std::size_t{64} << 30;
    o.arena_block_size = 1u << 20;
    // A megabyte of filter, so that what is new is not looked for among what is in memory.
    o.memtable_whole_key_filtering = true;
    o.memtable_prefix_bloom_size_ratio = (1 << 20) / static_cast<double>(o.write_buffer_size);
    o.max_total_wal_size = 1;  // there is none, and no space is to be reserved for it
    o.max_write_buffer_number = 64;
    o.level0_slowdown_writes_trigger = never;
    o.level0_stop_writes_trigger = never;
    o.soft_pending_compaction_bytes_limit = 0;
    o.hard_pending_compaction_bytes_limit = 0;
    o.avoid_flush_during_shutdown = true;
    o.max_bgerror_resume_count = 0;
    o.max_background_jobs = 2;
    o.allow_concurrent_memtable_write = false;  // one writer
    o.enable_write_thread_adaptive_yield = false;
    o.max_open_files = 512;
    o.level_compaction_dynamic_level_bytes = true;
    o.bytes_per_sync = 1u << 20;  // many small syncs in place of one that the log waits for
    o.compression = rocksdb::kLZ4Compression;
    o.info_log = std::make_shared<no_log>();
    o.stats_dump_period_sec = 0;
    o.stats_persist_period_sec = 0;
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = cache_;
    table.cache_index_and_filter_blocks = true;
    table.pin_l0_filter_and_index_blocks_in_cache = true;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    table.format_version = 5;
    o.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    return o;
  }

  rocks_limits limits_;
  std::shared_ptr<rocksdb::Cache> cache_;
};

}  // namespace

engine_ptr rocks_engine(const rocks_limits& limits) {
  return std::make_shared<rocks_states>(limits);
}

}  // namespace us
