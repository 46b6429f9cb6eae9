#pragma once
/// hiredis with values instead of pointers, for tests.

#include <hiredis/hiredis.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace us::test {

class redis_client {
 public:
  redis_client() = default;
  redis_client(std::uint16_t port, int patience_ms) { connect(port, patience_ms); }

  bool connect(std::uint16_t port, int patience_ms) {
    return connect("127.0.0.1", port, patience_ms);
  }
  bool connect(const char* host, std::uint16_t port, int patience_ms) {
    timeval t{patience_ms / 1000, (patience_ms % 1000) * 1000};
    context_.reset(::redisConnectWithTimeout(host, port, t));
    if (!connected()) return false;
    ::redisSetTimeout(context_.get(), t);
    return true;
  }
  bool connected() const { return context_ && context_->err == 0; }

  struct answer {
    enum class kind { ok, error, nothing } what = kind::nothing;  ///< nothing: no answer came
    std::string text;
  };

  answer run(const std::vector<std::string>& command) {
    if (!connected()) return {};
    std::vector<const char*> parts;
    std::vector<std::size_t> sizes;
    for (const auto& part : command) {
      parts.push_back(part.data());
      sizes.push_back(part.size());
    }
    std::unique_ptr<redisReply, void (*)(void*)> reply{
        static_cast<redisReply*>(::redisCommandArgv(context_.get(), static_cast<int>(parts.size()),
                                                    parts.data(), sizes.data())),
        ::freeReplyObject};
    if (!reply) return {};
    std::string text = reply->type == REDIS_REPLY_INTEGER ? std::to_string(reply->integer)
                       : reply->str != nullptr            ? std::string{reply->str, reply->len}
                                                          : std::string{};
    return {reply->type == REDIS_REPLY_ERROR ? answer::kind::error : answer::kind::ok,
            std::move(text)};
  }

 private:
  struct free_context {
    void operator()(redisContext* c) const { ::redisFree(c); }
  };
  std::unique_ptr<redisContext, free_context> context_;
};

}  // namespace us::test
