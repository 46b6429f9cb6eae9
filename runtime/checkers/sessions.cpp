#include "runtime/checkers/sessions.hpp"

#include <map>
#include <utility>

namespace us {

namespace {

using guarantee = enum session_violation::guarantee;

constexpr std::size_t explained_max = 10;

/// The newest that one session knows of one key.
struct knowledge {
  std::optional<history::index> read;
  std::optional<history::index> written;
};

std::string line_of(const history& h, const session_violation& v) {
  const auto& later = h[v.later];
  const auto& earlier = h[v.earlier];
  const auto* name =
      v.guarantee == guarantee::monotonic_reads ? "monotonic reads: " : "read-your-writes: ";
  return name + to_text_with_place(later) + " on key " + to_text(history_value{later.key}) +
         " saw version " + std::to_string(later.version) + ", after " + to_text(earlier) +
         " of version " + std::to_string(earlier.version) + "\n";
}

class session_reader {
 public:
  explicit session_reader(const history& h) : history_(h) {}

  session_check run() {
    for (history::index i = 0; i < history_.size(); ++i) {
      const auto& o = history_[i];
      if (o.outcome != operation_outcome::done || o.version == 0) continue;
      auto& known = known_[{o.process, o.key}];
      if (o.f == "read" || o.f == "get")
        read(i, known);
      else
        keep_newest(known.written, i);
    }
    return std::move(result_);
  }

 private:
  void read(history::index i, knowledge& known) {
    compare(guarantee::monotonic_reads, known.read, i);
    compare(guarantee::read_your_writes, known.written, i);
    keep_newest(known.read, i);
  }
  void compare(guarantee which, std::optional<history::index> earlier, history::index later) {
    if (!earlier || history_[*earlier].version <= history_[later].version) return;
    result_.violations.push_back({which, *earlier, later});
    if (result_.violations.size() <= explained_max)
      result_.explanation += line_of(history_, result_.violations.back());
  }
  void keep_newest(std::optional<history::index>& newest, history::index i) {
    if (!newest || history_[*newest].version < history_[i].version) newest = i;
  }

  const history& history_;
  std::map<std::pair<std::int64_t, std::string>, knowledge> known_;
  session_check result_;
};

}  // namespace

session_check check_sessions(const history& h) {
  return session_reader{h}.run();
}

}  // namespace us
