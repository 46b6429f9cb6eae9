// What a person needs to see why a history is not linearizable: how far it is, and what did not
// fit.
#include "runtime/checkers/linearizability.hpp"

#include <algorithm>

namespace us {

namespace {

constexpr std::size_t shown_linearized = 6;
constexpr std::size_t shown_unplaced = 12;

std::string lines_of(const history& h, const std::vector<std::size_t>& indices, std::size_t from,
                     std::size_t to) {
  std::string text;
  for (auto at = from; at < to; ++at) text += "    " + to_text_with_place(h[indices[at]]) + "\n";
  return text;
}

std::string key_name(const std::string& key) {
  return key.empty() ? "the only key" : "key " + to_text(history_value{key});
}

std::string unplaced_lines(const history& h, const search_result& found) {
  const auto shown = std::min(found.unplaced.size(), shown_unplaced);
  auto text = lines_of(h, found.unplaced, 0, shown);
  if (shown < found.unplaced.size())
    text += "    and " + std::to_string(found.unplaced.size() - shown) + " more\n";
  return text;
}

}  // namespace

std::string explain(const history& h, const std::string& key, const search_result& found) {
  auto text = key_name(key) + ": ";
  if (found.verdict == verdict::undecided)
    return text + "undecided: " + found.undecided_by + " reached\n";
  text += "no order of its operations explains what they returned\n";
  const auto total = found.linearized.size();
  const auto shown = std::min(total, shown_linearized);
  text += "  the longest order found has " + std::to_string(total) + " operations" +
          (total == 0 ? "\n" : ", the last of them:\n");
  text += lines_of(h, found.linearized, total - shown, total);
  if (found.blocked != search_result::none)
    text += "  after which this one ended without a place in it:\n    " +
            to_text_with_place(h[found.blocked]) + "\n";
  if (found.unplaced.size() > 1)
    text += "  begun by then and not placed:\n" + unplaced_lines(h, found);
  return text;
}

}  // namespace us
