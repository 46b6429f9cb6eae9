#include "actors/app/http.hpp"

#include <gtest/gtest.h>

#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using std::chrono::milliseconds;

// A port that was free a moment ago.
us::endpoint free_endpoint() {
  int s = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof where;
  EXPECT_EQ(bind(s, reinterpret_cast<sockaddr*>(&where), size), 0);
  EXPECT_EQ(getsockname(s, reinterpret_cast<sockaddr*>(&where), &size), 0);
  close(s);
  return {"127.0.0.1", ntohs(where.sin_port)};
}

us::http_response echo(const us::http_request& request) {
  if (request.path == "/throws") throw std::runtime_error{"x"};
  return {request.path == "/missing" ? 404 : 200,
          request.method + " " + request.path + " " + request.body, "text/plain"};
}

struct Http : testing::Test {
  us::endpoint where = free_endpoint();
  us::result<std::unique_ptr<us::http_server>> server = us::http_server::bind(where);

  us::result<us::http_response> call(std::string method, std::string path, std::string body = "") {
    return us::http_call(where, {std::move(method), std::move(path), std::move(body)},
                         milliseconds{5000});
  }
};

TEST_F(Http, AnswersGetAndPost) {
  ASSERT_TRUE(server) << server.error().text;
  (*server)->serve(echo);
  auto got = call("GET", "/a/b");
  ASSERT_TRUE(got) << got.error().text;
  EXPECT_EQ(got->status, 200);
  EXPECT_EQ(got->body, "GET /a/b ");
  EXPECT_EQ(got->type, "text/plain");
  EXPECT_EQ(call("POST", "/x", "{}")->body, "POST /x {}");
  EXPECT_EQ(call("GET", "/missing")->status, 404);
}

TEST_F(Http, TurnsExceptionsIntoAnswers) {
  ASSERT_TRUE(server);
  (*server)->serve(echo);
  auto got = call("GET", "/throws");
  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, 500);
}

TEST_F(Http, RefusesBodiesBeyondTheLimit) {
  ASSERT_TRUE(server);
  (*server)->serve(echo);
  EXPECT_EQ(call("POST", "/x", std::string(us::http_body_max, 'x'))->status, 200);
  auto refused = call("POST", "/x", std::string(us::http_body_max + 1, 'x'));
  EXPECT_TRUE(!refused || refused->status == 413);
}

TEST_F(Http, SaysThatAPortIsTaken) {
  ASSERT_TRUE(server);
  auto second = us::http_server::bind(where);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().text,
            "cannot listen on " + us::to_string(where) + ": Address already in use");
}

TEST_F(Http, TellsNoListenerFromNoAnswer) {
  auto nobody = us::http_call(free_endpoint(), {"GET", "/", ""}, milliseconds{1000});
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code, us::errc::unreachable);
  ASSERT_TRUE(server);  // bound, and never answering
  auto silent = us::http_call(where, {"GET", "/", ""}, milliseconds{50});
  ASSERT_FALSE(silent);
  EXPECT_EQ(silent.error().code, us::errc::io_failed);
}

TEST_F(Http, EndsWhileNobodyAsks) {
  ASSERT_TRUE(server);
  (*server)->serve(echo);
  server->reset();
  EXPECT_FALSE(call("GET", "/"));
}

}  // namespace
