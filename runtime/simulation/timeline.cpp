#include "runtime/simulation/timeline.hpp"

#include <algorithm>
#include <cstdio>

namespace us::sim {

namespace {

const char* name_of(severity level) {
  switch (level) {
    case severity::debug: return "debug";
    case severity::info: return "info";
    case severity::warning: return "warning";
    case severity::error: return "error";
    case severity::event: return "event";
  }
  return "?";
}

}  // namespace

std::string to_string(const timeline_entry& entry) {
  char front[64];
  std::snprintf(front, sizeof front, "%12.6f %-8s %-8s",
                std::chrono::duration<double>(entry.at).count(),
                entry.node.empty() ? "-" : entry.node.c_str(), name_of(entry.level));
  return front + entry.what;
}

void timeline::add(timeline_entry entry) {
  if (entries_.size() >= entries_max_) entries_.pop_front();
  entries_.push_back(std::move(entry));
}

std::string timeline::text(std::size_t newest) const {
  std::string all;
  auto from = entries_.size() - std::min(newest, entries_.size());
  for (auto i = from; i < entries_.size(); ++i) all += to_string(entries_[i]) + "\n";
  return all;
}

std::size_t timeline::count(std::string_view text) const {
  return static_cast<std::size_t>(std::count_if(
      entries_.begin(), entries_.end(),
      [&](const timeline_entry& entry) { return entry.what.find(text) != std::string::npos; }));
}

}  // namespace us::sim
