#pragma once
/// Records to wire format, by ldns. For building tables of answers, not for the way of a query.
///
/// Records are given as text of the zone file format ("www.example.test. 1 IN A 10.0.0.1").
/// Errors: text that ldns refuses breaks an invariant (ensure): what comes from a
/// configuration has been checked before.

#include <cstdint>
#include <string>
#include <vector>

namespace us::dns {

/// Everything of a response behind the question, ready to be sent. Its names may point into the
/// question, so it fits only behind the name that it was made for.
struct encoded {
  std::string bytes;
  std::uint16_t answers = 0;
  std::uint16_t authorities = 0;
  std::uint16_t additionals = 0;
};

struct record_texts {
  std::vector<std::string> answers;
  std::vector<std::string> authorities;
  std::vector<std::string> additionals;
};

/// The sections of a response to a question for `name`.
encoded encode_behind(const std::string& name, const record_texts& records);

/// One record of the authority section that points nowhere: it fits behind any question.
encoded encode_authority(const std::string& record);

/// A name in lower case as it stands in a question.
std::string encode_name(const std::string& name);

}  // namespace us::dns
