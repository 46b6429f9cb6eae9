#pragma once
/// Structured logs and events. Live: spdlog (text or JSON). Simulation: the run's timeline.
///
/// event is for people: one plain sentence about the cluster ("b is leader, epoch 2: a was
/// not heard for 412 ms"). The other levels carry a short name and fields.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace us {

enum class severity : unsigned char { debug, info, warning, error, event };

struct log_field {
  std::string_view name;
  std::string value;

  log_field(std::string_view n, std::string v) : name(n), value(std::move(v)) {}
  log_field(std::string_view n, const char* v) : name(n), value(v) {}
  template <class T>
    requires std::is_integral_v<T>
  log_field(std::string_view n, T v) : name(n), value(std::to_string(v)) {}
};

class log_sink {
 public:
  virtual ~log_sink() = default;
  virtual void write(severity level, std::string_view what,
                     std::initializer_list<log_field> fields = {}) = 0;
};

}  // namespace us
