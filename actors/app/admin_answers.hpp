#pragma once
/// Parts of a node's HTTP answers: errors and outcomes as JSON, and waiting for what an actor
/// promised. For HTTP threads.

#include "actors/app/http.hpp"

#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <string_view>

namespace us {

/// What a request to the node's loop may take beyond its own timeout.
constexpr std::chrono::milliseconds loop_patience{1000};

http_response error_response(int status, std::string_view text);
http_response not_done(int status, const char* outcome, const std::string& reason,
                       std::string_view text);
http_response unknown_response(std::string_view text);

/// The answer that an actor promised; nothing when it ends or is silent.
template <class T>
std::optional<T> wait(std::future<T>& future, std::chrono::milliseconds patience) {
  if (future.wait_for(patience) != std::future_status::ready) return std::nullopt;
  try {
    return future.get();
  } catch (const std::future_error&) {  // the actor ended without fulfilling it
    return std::nullopt;
  }
}

}  // namespace us
