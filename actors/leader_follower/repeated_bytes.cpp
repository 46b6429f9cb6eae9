#include "actors/leader_follower/repeated_bytes.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace us {

namespace {

constexpr std::size_t word = 8;
constexpr std::size_t worth_it = 64;

std::uint64_t word_at(std::string_view bytes, std::size_t at) {
  std::uint64_t value;
  std::memcpy(&value, bytes.data() + at, word);
  return value;
}

/// How many bytes before these places are the same.
std::size_t same_before(std::string_view x, std::string_view y) {
  std::size_t size = 0;
  const auto most = std::min(x.size(), y.size());
  while (size + word <= most &&
         word_at(x, x.size() - size - word) == word_at(y, y.size() - size - word))
    size += word;
  return size;
}

std::size_t same_after(std::string_view x, std::string_view y) {
  std::size_t size = 0;
  const auto most = std::min(x.size(), y.size());
  while (size + word <= most && word_at(x, size) == word_at(y, size)) size += word;
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
    if (word_at(request, at) != word_at(record, middle)) continue;
    const auto before = same_before(request.substr(0, at), record.substr(0, middle));
    const auto size = before + same_after(request.substr(at), record.substr(middle));
    if (size >= worth_it) return {at - before, middle - before, size};
  }
  return {};
}

}  // namespace us
