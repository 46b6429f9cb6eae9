#pragma once
/// Every answer of a zone, encoded when the set of living backends changes, so that a query costs
/// a look-up and a copy. Immutable once made; read by any number of threads.

#include "runtime/dns/record_encoder.hpp"
#include "runtime/dns/zone.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace us::dns {

enum class record_type : std::uint16_t {
  a = 1,
  ns = 2,
  soa = 6,
  hinfo = 13,
  aaaa = 28,
  srv = 33,
  opt = 41,
  any = 255,
};

class answer_table {
 public:
  /// The answers to one type of question for a name: one after another, in rotation.
  struct answers {
    record_type type;
    bool failing = false;  ///< SERVFAIL: all are down
    std::vector<encoded> orders;
  };
  struct name {
    std::vector<answers> types;

    const answers* find(record_type type) const;
  };

  /// `living[i]` belongs to z.backends[i]. `serial` is that of the SOA record.
  static std::shared_ptr<const answer_table> make(const zone& z, const std::vector<bool>& living,
                                                  std::uint32_t serial);

  /// Names are as in a question, in lower case. Null: there is no such name.
  const name* find(std::string_view wire_name) const {
    auto at = names_.find(wire_name);
    return at == names_.end() ? nullptr : &at->second;
  }
  /// Whether this table speaks for a name. Only meaningful for well-formed names.
  bool in_zone(std::string_view wire_name) const;
  /// Behind any question in the zone: SOA for "no such name" and "no such record".
  const encoded& negative() const { return negative_; }

 private:
  friend class table_maker;
  struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  std::string zone_;  ///< wire format
  encoded negative_;
  std::unordered_map<std::string, name, hash, std::equal_to<>> names_;
};

/// Where the current table is found. Thread-safe; empty before the first table.
class current_answers {
 public:
  std::shared_ptr<const answer_table> get() const { return table_.load(); }
  void set(std::shared_ptr<const answer_table> next) { table_.store(std::move(next)); }

 private:
  std::atomic<std::shared_ptr<const answer_table>> table_;
};

}  // namespace us::dns
