#pragma once
/// One line of a history file as an event, per format. Errors: the text of what is wrong with the
/// line, without its place.

#include "runtime/checkers/history_pairing.hpp"
#include "runtime/error.hpp"

#include <string>

namespace us {

/// {"process":0,"type":"ok","f":"read","key":"x","value":3,"time_ns":17}
result<history_event> parse_json_event(const std::string& line);

/// {:process 0, :type :ok, :f :get, :key "9", :value "x"}
result<history_event> parse_porcupine_event(const std::string& line);

}  // namespace us
