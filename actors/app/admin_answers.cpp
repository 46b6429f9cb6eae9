#include "actors/app/admin_answers.hpp"

#include "actors/app/json.hpp"

namespace us {

http_response error_response(int status, std::string_view text) {
  return {status, "{\"error\":" + to_json(text) + "}"};
}

http_response not_done(int status, const char* outcome, const std::string& reason,
                       std::string_view text) {
  return {status, "{\"outcome\":" + to_json(outcome) + ",\"reason\":" + to_json(reason) +
                      ",\"text\":" + to_json(text) + "}"};
}

http_response unknown_response(std::string_view text) {
  return not_done(504, "unknown", "timedOut", text);
}

}  // namespace us
