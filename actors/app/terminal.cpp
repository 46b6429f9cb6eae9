#include "actors/app/terminal.hpp"

#include <limits.h>

#include <algorithm>
#include <cerrno>
#include <unistd.h>

namespace us {

void terminal::line(std::string_view text) {
  if (buffer_.size() + text.size() > waiting_max) {
    ++dropped_;
    return;
  }
  if (dropped_ > 0) buffer_ += "(" + std::to_string(dropped_) + " lines were dropped)\n";
  dropped_ = 0;
  buffer_ += text;
  buffer_ += '\n';
}

// A pipe that poll() calls writable takes PIPE_BUF bytes at once.
void terminal::write_some() {
  auto size = std::min<std::size_t>(buffer_.size(), PIPE_BUF);
  auto written = write(STDOUT_FILENO, buffer_.data(), size);
  if (written > 0)
    buffer_.erase(0, static_cast<std::size_t>(written));
  else if (written < 0 && errno != EAGAIN && errno != EINTR)
    buffer_.clear();  // nobody reads any more
}

}  // namespace us
