#pragma once
/// Losses for tests, and a journal's directory read back as lines.

#include "runtime/loss/loss_files.hpp"

#include <map>
#include <string>
#include <vector>

namespace us::test {

inline loss sample_loss(std::uint64_t epoch, std::uint64_t index, std::uint32_t position = 0) {
  loss what;
  what.key = {{epoch}, {index}, position};
  what.service = "kv";
  what.from = "a";
  what.node = "b";
  what.why = "leader c of epoch 9 does not have it";
  what.made_ms = 1000;
  what.lost_ms = 2000;
  what.session = {7};
  what.sequence = {index};
  what.keys = {"x", std::string{"\0y", 2}};
  what.type = 0xfeed;
  what.body = "request";
  return what;
}

inline std::string line_of(const loss& what) {
  return "loss " + us::to_string(what.key.epoch) + " " + us::to_string(what.key.index) + " " +
         std::to_string(what.key.position);
}
inline std::string line_of(const loss_mark& mark) {
  return "mark " + us::to_string(mark.key.epoch) + " " + us::to_string(mark.key.index) + " " +
         us::to_string(mark.state);
}

struct seen_losses {
  std::vector<std::string> lines;
  loss_files_seen files;
};

inline seen_losses read_losses(disk& where, const std::string& directory) {
  seen_losses seen;
  auto read =
      read_loss_files(where, directory,
                      {[&](const loss& what) { seen.lines.push_back(line_of(what)); },
                       [&](const loss_mark& mark) { seen.lines.push_back(line_of(mark)); }});
  if (!read)
    seen.lines.push_back(read.error().text);
  else
    seen.files = *read;
  return seen;
}

}  // namespace us::test
