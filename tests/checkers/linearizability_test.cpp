#include "runtime/checkers/history_file.hpp"
#include "runtime/checkers/linearizability.hpp"
#include "tests/checkers/random_history.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace us::test {
namespace {

using testing::HasSubstr;

/// A history in short: each word is "process:what" and begins an operation, or "process=outcome".
class script {
 public:
  explicit script(object_model model) : model_(model) {}
  script& line(int process, const std::string& type, const std::string& f,
               const std::string& value) {
    text_ += "{\"process\":" + std::to_string(process) + ",\"type\":\"" + type + "\",\"f\":\"" + f +
             "\",\"key\":\"x\",\"value\":" + value + "}\n";
    return *this;
  }
  script& at_once(int process, const std::string& f, const std::string& value) {
    return line(process, "invoke", f, value).line(process, "ok", f, value);
  }
  linearizability check() const {
    std::istringstream in{text_};
    auto h = read_history(in, "script", model_);
    return h ? check_linearizable(*h, model_)
             : linearizability{verdict::undecided, "", h.error().text, {}};
  }
  bool holds() const { return check().verdict == verdict::linearizable; }

 private:
  object_model model_;
  std::string text_;
};

script of_register() {
  return script{object_model::cas_register};
}
script of_kv() {
  return script{object_model::key_value};
}

TEST(Register, BeginsAsNull) {
  EXPECT_TRUE(of_register().at_once(0, "read", "null").holds());
  EXPECT_FALSE(of_register().at_once(0, "read", "0").holds());
  EXPECT_TRUE(of_register().at_once(0, "cas", "[null,1]").at_once(0, "read", "1").holds());
}

TEST(Register, ReadsTheLastWrite) {
  EXPECT_TRUE(of_register().at_once(0, "write", "1").at_once(1, "read", "1").holds());
  EXPECT_FALSE(of_register().at_once(0, "write", "1").at_once(1, "read", "null").holds());
  EXPECT_FALSE(of_register().at_once(0, "write", "1").at_once(1, "read", "\"1\"").holds());
  EXPECT_TRUE(of_register().at_once(0, "write", "1").at_once(1, "read", "1.0").holds());
}

TEST(Register, ConcurrentReadsSeeOldOrNewButNotNewThenOld) {
  auto h = of_register().at_once(0, "write", "1").line(0, "invoke", "write", "2");
  EXPECT_TRUE(script{h}.at_once(1, "read", "1").at_once(2, "read", "2").holds());
  EXPECT_FALSE(script{h}.at_once(1, "read", "2").at_once(2, "read", "1").holds());
}

TEST(Register, AFailedCasIsAnObservation) {
  auto h = of_register().at_once(0, "write", "1").line(0, "invoke", "cas", "[1,2]");
  EXPECT_FALSE(script{h}.line(0, "fail", "cas", "[1,2]").holds());
  auto other = of_register().at_once(0, "write", "1").line(0, "invoke", "cas", "[2,3]");
  EXPECT_TRUE(script{other}.line(0, "fail", "cas", "[2,3]").at_once(0, "read", "1").holds());
  EXPECT_FALSE(script{other}.line(0, "ok", "cas", "[2,3]").holds());
}

TEST(Register, AnOpenWriteMayHappenLateOrNever) {
  auto h = of_register()
               .at_once(0, "write", "1")
               .line(1, "invoke", "write", "2")
               .line(1, "info", "write", "2");
  EXPECT_TRUE(script{h}.at_once(0, "read", "1").at_once(0, "read", "1").holds());
  EXPECT_TRUE(script{h}.at_once(0, "read", "1").at_once(1, "read", "2").holds());
  EXPECT_FALSE(script{h}.at_once(0, "read", "2").at_once(1, "read", "1").holds());
}

TEST(Register, AFailedWriteNeverHappened) {
  auto h = of_register().line(1, "invoke", "write", "2").line(1, "fail", "write", "2");
  EXPECT_TRUE(script{h}.at_once(0, "read", "null").holds());
  EXPECT_FALSE(script{h}.at_once(0, "read", "2").holds());
}

TEST(KeyValue, AnAbsentKeyReadsAsNullOrEmpty) {
  EXPECT_TRUE(of_kv().at_once(0, "get", "null").at_once(0, "get", "\"\"").holds());
  EXPECT_FALSE(of_kv().at_once(0, "put", "\"\"").at_once(0, "get", "null").holds());
  EXPECT_TRUE(of_kv()
                  .at_once(0, "put", "\"a\"")
                  .at_once(0, "put", "null")
                  .at_once(0, "get", "null")
                  .holds());
}

TEST(KeyValue, AppendsGrowWhatIsThere) {
  EXPECT_TRUE(of_kv()
                  .at_once(0, "append", "\"a\"")
                  .at_once(0, "append", "7")
                  .at_once(0, "get", "\"a7\"")
                  .holds());
  EXPECT_FALSE(of_kv()
                   .at_once(0, "append", "\"a\"")
                   .at_once(0, "append", "\"b\"")
                   .at_once(0, "get", "\"ba\"")
                   .holds());
  EXPECT_TRUE(
      of_kv().at_once(0, "append", "\"a\"").at_once(0, "put", "5").at_once(0, "get", "5").holds());
}

TEST(Explanation, NamesTheKeyTheShortestBeginningAndWhatDidNotFit) {
  auto h = of_register().at_once(0, "write", "1").at_once(1, "read", "1").at_once(1, "read", "7");
  const auto checked = h.at_once(0, "read", "8").check();
  EXPECT_EQ(checked.key, "x");
  EXPECT_THAT(checked.explanation, HasSubstr("key \"x\": no order of its operations"));
  EXPECT_THAT(checked.explanation, HasSubstr("process 1, lines 3-4: read() -> 1\n"));
  EXPECT_THAT(checked.explanation, HasSubstr("process 1, lines 5-6: read() -> 7\n"));
  EXPECT_THAT(checked.explanation, testing::Not(HasSubstr("lines 7-8")));
}

TEST(Limits, EndAsUndecided) {
  const auto h = random_history({.clients = 10, .operations = 400}, 1);
  search_limits limits;
  limits.stop = [] { return true; };
  const auto checked = check_linearizable(h, register_model{}, limits);
  EXPECT_TRUE(checked.verdict == verdict::linearizable || checked.verdict == verdict::undecided);
  // Appends of one text in any order, and a get of what they cannot make: everything must be tried.
  history hard;
  for (int process = 0; process < 24; ++process)
    hard.begin({.process = process,
                .f = "put",
                .key = "",
                .input = std::to_string(process),
                .expected = {}});
  for (int process = 0; process < 24; ++process) hard.end(static_cast<history::index>(process), {});
  const auto read = hard.begin({.process = 99, .f = "get", .key = "", .input = {}, .expected = {}});
  hard.end(read, {operation_outcome::done, "none of them", 0, 0});
  search_limits small;
  small.memory_bytes = 1u << 20;
  const auto undecided = check_linearizable(hard, kv_model{}, small);
  EXPECT_EQ(undecided.verdict, verdict::undecided);
  EXPECT_EQ(undecided.explanation, "the only key: undecided: memory limit reached\n");
  EXPECT_EQ(check_linearizable(hard, object_model::key_value, small).verdict,
            verdict::not_linearizable);
}

/// A model of a user's own: a counter that tells its value after each addition.
struct counter_model {
  using state = std::int64_t;
  state initial() const { return 0; }
  std::optional<state> step(state now, const operation& op) const {
    const auto next = now + std::get<std::int64_t>(op.input);
    const bool agrees = op.outcome == operation_outcome::open || op.output == history_value{next};
    return agrees ? std::optional{next} : std::nullopt;
  }
  std::size_t hash(state s) const { return static_cast<std::size_t>(s); }
};

TEST(UserModel, IsSearchedLikeOurs) {
  history h;
  const auto add = [&](std::int64_t process) {
    return h.begin(
        {.process = process, .f = "add", .key = "hits", .input = std::int64_t{1}, .expected = {}});
  };
  const auto a = add(1);
  const auto b = add(2);
  h.end(a, {operation_outcome::done, std::int64_t{2}, 0, 0});
  h.end(b, {operation_outcome::done, std::int64_t{1}, 0, 0});
  EXPECT_EQ(check_linearizable(h, counter_model{}).verdict, verdict::linearizable);
  h.end(add(1), {operation_outcome::done, std::int64_t{2}, 0, 0});
  const auto checked = check_linearizable(h, counter_model{});
  EXPECT_EQ(checked.verdict, verdict::not_linearizable);
  EXPECT_THAT(checked.explanation, HasSubstr("process 1: add(1) -> 2"));
}

TEST(RecordedHistories, OfAKeyValueStoreAreDecidedAsTheirNamesSay) {
  const std::string folder =
      std::string{std::getenv("UNDERSTUDY_SOURCE_DIR")} + "/tests/data/porcupine-kv/";
  for (const std::string name : {"c01-ok", "c01-bad", "c10-ok", "c10-bad", "c50-ok", "c50-bad"}) {
    std::ifstream in{folder + name + ".txt"};
    const auto h = read_history(in, name, object_model::key_value, history_format::porcupine);
    ASSERT_TRUE(h) << h.error().text;
    EXPECT_EQ(check_linearizable(*h, object_model::key_value).verdict,
              name.ends_with("ok") ? verdict::linearizable : verdict::not_linearizable)
        << name;
  }
}

TEST(LargeHistories, OfFiftyClientsOnOneRegisterAreDecided) {
  for (const std::uint64_t values : {5, 0}) {
    const auto h = random_history(
        {.clients = 50, .operations = 4000, .values = values, .open_percent = 5, .cas_percent = 0},
        7);
    EXPECT_EQ(check_linearizable(h, object_model::cas_register).verdict, verdict::linearizable);
  }
}

TEST(LargeHistories, OfFiftyClientsWithOneWrongReadAreDecided) {
  const history_shape shape{
      .clients = 50, .operations = 4000, .keys = 10, .values = 0, .open_percent = 5};
  const auto h = with_one_wrong_read(random_history(shape, 7), 7);
  const auto checked = check_linearizable(h, object_model::cas_register);
  EXPECT_EQ(checked.verdict, verdict::not_linearizable);
  EXPECT_NE(checked.found.blocked, search_result::none);
}

}  // namespace
}  // namespace us::test
