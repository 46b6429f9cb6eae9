#include "actors/leader_follower/repeated_bytes.hpp"

#include <algorithm>

namespace us {

namespace {

constexpr std::size_t word = 8;
constexpr std::size_t worth_it = 64;

/// How many bytes before these places are the same.
std::size_t same_before(std::string_view x, std::string_view y) {
  std::size_t size = 0;
  const auto most = std::min(x.size(), y.size());
  while (size + word <= most &&
         x.substr(x.size() - size - word, word) == y.substr(y.size() - size - word, word))
    size += word;
  return size;
}

std::size_t same_after(std::string_view x, std::string_view y) {
  std::size_t size = 0;
  const auto most = std::min(x.size(), y.size());
  while (size + word <= most && x.substr(size, word) == y.substr(size, word)) size += word;
  return size;
}

}  // namespace

repeated_bytes find_repeated(std::string_view request, std::string_view record) {
  if (request.size() % word != 0 || record.size() % word != 0) return {};
  if (std::min(request.size(), record.size()) < worth_it) return {};
  if (const auto size = same_before(request, record); size >= worth_it)
    return {request.size() - size, record.size() - size, size};
  const auto middle = record.size() / 2 / word * word;
  for (std::size_t at = 0; at + word <= request.size(); at += word) {
    if (request.substr(at, word) != record.substr(middle, word)) continue;
    const auto before = same_before(request.substr(0, at), record.substr(0, middle));
    const auto size = before + same_after(request.substr(at), record.substr(middle));
    if (size >= worth_it) return {at - before, middle - before, size};
  }
  return {};
}

}  // namespace us
