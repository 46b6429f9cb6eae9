// What files of histories may hold, and the exact text of every refusal: it is part of the
// interface.
#include "runtime/checkers/history_file.hpp"
#include "tests/checkers/random_history.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace us::test {
namespace {

result<history> read(const std::string& text, object_model model = object_model::cas_register,
                     history_format format = history_format::json_lines) {
  std::istringstream in{text};
  return read_history(in, "h.json", model, format);
}

std::string error_of(const std::string& text, object_model model = object_model::cas_register) {
  const auto h = read(text, model);
  return h ? "accepted" : h.error().text;
}

const std::string invoke_write = R"({"process":0,"type":"invoke","f":"write","value":3})"
                                 "\n";

TEST(HistoryFile, ReadsWhatHappened) {
  const auto h =
      read(R"({"process":0,"type":"invoke","f":"cas","key":"x","value":[1,"b"],"time_ns":5}
{"process":1,"type":"invoke","f":"read","key":"x","value":null,"time_ns":6}

{"process":0,"type":"fail","f":"cas","key":"x","value":[1,"b"],"time_ns":7,"error":{"code":[2,[3]]}}
{"process":1,"type":"ok","f":"read","key":"x","value":2.0,"time_ns":9}
{"process":1,"type":"invoke","f":"write","key":null,"value":null}
{"process":1,"type":"info","f":"write"}
{"process":1,"type":"invoke","f":"read"})");
  ASSERT_TRUE(h) << h.error().text;
  ASSERT_EQ((*h).size(), 4u);
  const auto& cas = (*h)[0];
  EXPECT_EQ(cas.outcome, operation_outcome::failed);
  EXPECT_EQ(cas.expected, history_value{std::int64_t{1}});
  EXPECT_EQ(cas.input, history_value{"b"});
  EXPECT_EQ(cas.at_ns, 5);
  EXPECT_EQ(cas.ended_ns, 7);
  EXPECT_EQ(cas.end_line, 4u);
  EXPECT_EQ((*h)[1].output, history_value{std::int64_t{2}});
  EXPECT_EQ((*h)[2].outcome, operation_outcome::open);
  EXPECT_EQ((*h)[2].key, "");
  EXPECT_EQ((*h)[2].ended, operation::never);
  EXPECT_EQ((*h)[3].outcome, operation_outcome::open);
}

TEST(HistoryFile, RefusesWhatIsNoHistory) {
  EXPECT_EQ(error_of(""), "h.json:1: there is no operation in it");
  EXPECT_EQ(error_of("\n \n"), "h.json:1: there is no operation in it");
  EXPECT_EQ(error_of(invoke_write + R"({"process":0,"type":"ok","f":"wri)"),
            "h.json:2: is not a JSON object: something is wrong or missing at column 34");
  EXPECT_EQ(error_of("[1,2]\n"), "h.json:1: must be a JSON object, is a list");
  EXPECT_EQ(error_of("7\n"), "h.json:1: must be a JSON object");
  EXPECT_EQ(error_of("true\n"), "h.json:1: must be a JSON object, is true or false");
  EXPECT_EQ(error_of("{}\n"), "h.json:1: process: is missing, must be an integer");
  EXPECT_EQ(error_of("{} {}\n").substr(0, 31), "h.json:1: is not a JSON object:");
  EXPECT_EQ(error_of(R"({"process":0,"process":1})"), "h.json:1: process: is there twice");
}

TEST(HistoryFile, RefusesWrongTypes) {
  EXPECT_EQ(error_of(R"({"process":"a","type":"invoke","f":"read"})"),
            "h.json:1: process: must be an integer, is \"a\"");
  EXPECT_EQ(error_of(R"({"process":0,"type":"begin","f":"read"})"),
            "h.json:1: type: must be invoke, ok, fail or info, is \"begin\"");
  EXPECT_EQ(error_of(R"({"process":0,"type":"invoke","f":"get"})"),
            "h.json:1: f: \"get\" is not of this model; known are read, write or cas");
  EXPECT_EQ(
      error_of(R"({"process":0,"type":"invoke","f":"get","key":{"a":1}})", object_model::key_value),
      "h.json:1: key: must be a string, is an object");
  EXPECT_EQ(error_of(R"({"process":0,"type":"invoke","f":"cas","value":3})"),
            "h.json:1: value: of a cas must be [old, new]");
  EXPECT_EQ(error_of(R"({"process":0,"type":"invoke","f":"cas","value":[1,2,3,4]})"),
            "h.json:1: value: of a cas must be [old, new]");
  EXPECT_EQ(error_of(R"({"process":0,"type":"invoke","f":"write","value":[1]})"),
            "h.json:1: value: of a write must be one value, is a list");
  EXPECT_EQ(error_of(R"({"process":0,"type":"invoke","f":"write"})"),
            "h.json:1: value: is missing, a write has one");
  EXPECT_EQ(error_of(R"({"process":0,"type":"invoke","f":"write","value":true})"),
            "h.json:1: value: must be null, a number, a string or [old, new], is true or false");
  EXPECT_EQ(error_of(R"({"process":0,"type":"invoke","f":"append","value":null})",
                     object_model::key_value),
            "h.json:1: value: of an append must not be null");
  EXPECT_EQ(error_of(R"({"process":0,"type":"invoke","f":"read","time_ns":1.5})"),
            "h.json:1: time_ns: must be an integer of nanoseconds, is 1.5");
}

TEST(HistoryFile, RefusesNumbersThatDoNotFit) {
  EXPECT_EQ(error_of(R"({"process":0,"type":"invoke","f":"write","value":123456789012345678901})"),
            "h.json:1: value: must be null, a number, a string or [old, new], "
            "does not fit into 64 bits with a sign: write it as a string");
  EXPECT_EQ(
      error_of(R"({"process":9223372036854775808,"type":"invoke","f":"read"})"),
      "h.json:1: process: must be an integer, does not fit into 64 bits with a sign: write it "
      "as a string");
  EXPECT_EQ(error_of(R"({"process":0,"type":"invoke","f":"write","value":1e999})").substr(0, 43),
            "h.json:1: a number is out of range at colum");
}

TEST(HistoryFile, RefusesWhatCannotHaveBeenRecorded) {
  EXPECT_EQ(error_of(R"({"process":4,"type":"ok","f":"write","value":3})"),
            "h.json:1: process: 4 completes an operation that it has not invoked");
  EXPECT_EQ(
      error_of(invoke_write + invoke_write),
      "h.json:2: process: 0 invokes a second operation, its first of line 1 has not completed");
  EXPECT_EQ(error_of(invoke_write + R"({"process":0,"type":"ok","f":"read","value":3})"),
            "h.json:2: f: completes read, line 1 invoked write");
  EXPECT_EQ(error_of(invoke_write + R"({"process":0,"type":"ok","f":"write","key":"y","value":3})"),
            "h.json:2: key: completes one on \"y\", line 1 invoked one on \"\"");
  EXPECT_EQ(error_of(R"({"process":0,"type":"invoke","f":"write","value":3,"time_ns":9})"
                     "\n"
                     R"({"process":0,"type":"ok","f":"write","time_ns":8})"),
            "h.json:2: time_ns: goes back, from 9 to 8");
  EXPECT_EQ(error_of(R"({"process":0,"type":"invoke","f":"read"})"
                     "\n"
                     R"({"process":0,"type":"ok","f":"read"})"),
            "h.json:2: value: is missing, what the read returned (null for nothing)");
}

TEST(HistoryFile, SurvivesDepthAndLength) {
  const auto deep = R"({"x":)" + std::string(200'000, '[');
  EXPECT_EQ(error_of(deep).substr(0, 31), "h.json:1: is not a JSON object:");
  std::istringstream in{invoke_write + std::string(1000, ' ') + "\n"};
  const auto h = read_history(in, "h.json", object_model::cas_register, history_format::json_lines,
                              {.line_bytes = 100, .operations = 10});
  ASSERT_FALSE(h);
  EXPECT_EQ(h.error().text, "h.json:2: the line is longer than 100 bytes");
}

TEST(HistoryFile, IsReadAgainAsItWasWritten) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto h =
        random_history({.clients = 5, .operations = 60, .keys = 3, .open_percent = 20}, seed);
    std::ostringstream out;
    ASSERT_TRUE(write_history(out, h));
    const auto again = read(out.str());
    ASSERT_TRUE(again) << again.error().text;
    ASSERT_EQ((*again).size(), h.size());
    for (history::index i = 0; i < h.size(); ++i) {
      EXPECT_EQ(to_text((*again)[i]), to_text(h[i]));
      EXPECT_EQ((*again)[i].key, h[i].key);
      EXPECT_EQ((*again)[i].at_ns, h[i].at_ns);
    }
    std::ostringstream twice;
    ASSERT_TRUE(write_history(twice, *again));
    EXPECT_EQ(out.str(), twice.str());
  }
}

TEST(HistoryFile, IsNotWrittenWithWhatJsonCannotCarry) {
  history h;
  h.begin({.process = 0, .f = "write", .key = "", .input = "\xff", .expected = {}});
  std::ostringstream out;
  EXPECT_FALSE(write_history(out, h));
}

TEST(PorcupineFile, ReadsMaps) {
  const auto h = read(R"({:process 9, :type :invoke, :f :append, :key "0", :value "x \"9\" y"}
{:process 9, :type :ok, :f :append, :key "0", :value "x \"9\" y"}
{:process 1 :type :invoke :f :get :key "0" :value nil}
{:process 1, :type :ok, :f :get, :key "0", :value ""})",
                      object_model::key_value, history_format::porcupine);
  ASSERT_TRUE(h) << h.error().text;
  EXPECT_EQ(to_text((*h)[0]), R"(append("x \"9\" y"))");
  EXPECT_EQ((*h)[1].output, history_value{""});
}

TEST(PorcupineFile, RefusesWhatIsNoMap) {
  for (const auto* text : {"{", "{:process 9", "{:process 9}x", "{:process \"", "{:process 9e}",
                           "[]", "{:process 9, :type}", "{:process 9, :value [1 2 3 4]}"}) {
    const auto h = read(text, object_model::key_value, history_format::porcupine);
    ASSERT_FALSE(h) << text;
    EXPECT_EQ(h.error().text, "h.json:1: is not an EDN map of keywords, integers, strings and nil");
  }
}

}  // namespace
}  // namespace us::test
