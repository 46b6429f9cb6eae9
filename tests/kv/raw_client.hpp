#pragma once
/// A TCP client that sees bytes. Every wait has a deadline; a test that meets it fails.

#include <cstdint>
#include <string>
#include <string_view>

namespace kv::test {

class raw_client {
 public:
  explicit raw_client(std::uint16_t port, const std::string& host = "127.0.0.1");
  ~raw_client();
  raw_client(raw_client&& other) noexcept;
  raw_client(const raw_client&) = delete;

  int socket() const { return socket_; }
  /// Blocks until all of it is taken. False: the other side closed.
  bool send(std::string_view bytes);
  /// Reads until what was read ends with `end`, or the other side closes.
  std::string read_until(std::string_view end);
  /// Reads exactly so many bytes, or fewer when the other side closes.
  std::string read(std::size_t bytes);
  /// Reads until the other side closes.
  std::string read_to_end();
  /// The other side will read the end of what was sent.
  void end_sending();

 private:
  bool read_some(std::size_t bytes_max);

  int socket_ = -1;
  std::string received_;
};

}  // namespace kv::test
