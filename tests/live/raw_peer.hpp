#pragma once
/// A socket that speaks to a node byte by byte, as a hostile or broken peer would.

#include "messages/frame.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace us::test {

class raw_peer {
 public:
  /// Connects to 127.0.0.1:port; waits until something listens there.
  explicit raw_peer(std::uint16_t port);
  /// Listens on a port of its own and waits for a connection.
  static raw_peer accept_on(std::uint16_t port);
  ~raw_peer();
  raw_peer(raw_peer&& other) noexcept;
  raw_peer(const raw_peer&) = delete;

  void send(std::span<const std::byte> bytes);
  void send(const frame& f);
  /// The next frame; nullopt at the end of the stream.
  std::optional<frame> receive();
  /// Reads until the other side closes.
  void await_close();
  bool closed();

 private:
  explicit raw_peer(int descriptor, int) : descriptor_(descriptor) {}
  bool read_exactly(std::span<std::byte> into);

  int descriptor_;
};

struct hello_words {
  std::string cluster = "demo";
  std::string node = {};
  std::string expects = {};
  std::uint32_t version = 1;
  std::uint64_t incarnation = 77;
};
frame make_hello(const hello_words& words);

}  // namespace us::test
