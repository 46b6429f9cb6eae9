#include "runtime/checkers/entry_list.hpp"

#include <algorithm>

namespace us {

namespace {

struct event {
  std::size_t position;
  std::uint32_t operation;
  bool is_begin;
};

std::vector<event> events_of(const history& h, const std::vector<std::size_t>& subset,
                             std::size_t until) {
  std::vector<event> events;
  for (std::uint32_t i = 0; i < subset.size(); ++i) {
    const auto& o = h[subset[i]];
    events.push_back({o.begun, i, true});
    if (o.ended < until) events.push_back({o.ended, i, false});
  }
  std::ranges::sort(events, {}, &event::position);
  return events;
}

}  // namespace

entry_list::entry_list(const history& h, const std::vector<std::size_t>& subset,
                       std::size_t until) {
  const auto events = events_of(h, subset, until);
  std::vector<entry> begins(subset.size());
  nodes_.resize(events.size() + 1);
  for (entry e = 1; e < nodes_.size(); ++e) {
    const auto& from = events[e - 1];
    auto& to = nodes_[e];
    to.operation = from.operation;
    to.is_begin = from.is_begin;
    to.previous = e - 1;
    nodes_[e - 1].next = e;
    if (from.is_begin)
      begins[from.operation] = e;
    else
      nodes_[begins[from.operation]].match = e;
  }
}

void entry_list::unlink(entry e) {
  const auto& n = nodes_[e];
  nodes_[n.previous].next = n.next;
  if (n.next != tail) nodes_[n.next].previous = n.previous;
}

void entry_list::relink(entry e) {
  const auto& n = nodes_[e];
  nodes_[n.previous].next = e;
  if (n.next != tail) nodes_[n.next].previous = e;
}

void entry_list::lift(entry begin) {
  unlink(begin);
  if (nodes_[begin].match != head) unlink(nodes_[begin].match);
}

void entry_list::put_back(entry begin) {
  if (nodes_[begin].match != head) relink(nodes_[begin].match);
  relink(begin);
}

}  // namespace us
