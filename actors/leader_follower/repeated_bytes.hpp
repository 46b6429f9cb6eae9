#pragma once
/// What a request and the record that it made have in common: as a rule the largest part of both. A
/// request that is kept for the loss journal is stored without it. Pure.

#include <cstddef>
#include <string_view>

namespace us {

/// `size` bytes at `in_request` of the one and at `in_record` of the other.
struct repeated_bytes {
  std::size_t in_request = 0;
  std::size_t in_record = 0;
  std::size_t size = 0;  ///< 0: too little to be worth it
};

/// One run that two Cap'n Proto messages share, in whole words: the one at their ends, which is
/// where the field that was set last lies, else one that has the middle of the record. Not always
/// the longest that there is.
repeated_bytes find_repeated(std::string_view request, std::string_view record);

}  // namespace us
