#pragma once
/// Writes of a client that notes what it was told of each: what was acknowledged must be there in
/// the end, what was refused must not, and of the rest either is right.

#include "tests/cluster/process_cluster.hpp"
#include "tests/cluster/redis_client.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>

namespace us::test {

class noted_writes {
 public:
  using answer = redis_client::answer;

  /// `bytes`: of each value.
  explicit noted_writes(process_cluster& cluster, std::size_t bytes = 200)
      : cluster_(cluster), bytes_(bytes) {}

  const std::set<int>& acknowledged() const { return acknowledged_; }

  /// One SET of a new key, at that node.
  answer write(const std::string& node) {
    const int number = next_++;
    auto said = at(node).run({"SET", key(number), value(number)});
    if (said.text == "OK") acknowledged_.insert(number);
    if (said.what == answer::kind::error && !said.text.starts_with("UNKNOWN"))
      refused_.insert(number);
    return said;
  }
  void write(const std::string& node, int count) {
    for (int i = 0; i < count; ++i) (void)write(node);
  }
  /// New keys until so many more were acknowledged.
  bool write_until_acknowledged(const std::string& node, std::size_t more) {
    const auto wanted = acknowledged_.size() + more;
    return eventually([&] {
      while (write(node).text == "OK")
        if (acknowledged_.size() >= wanted) return true;
      return false;
    });
  }

  /// Read at that node, from whoever leads.
  void expect_kept(const std::string& node) {
    answer first;
    EXPECT_TRUE(eventually([&] {
      first = at(node).run({"DBSIZE"});
      return first.what == answer::kind::ok;
    })) << first.text
        << cluster_.output(node);
    for (const auto number : acknowledged_)
      ASSERT_EQ(read(node, number), value(number)) << node << ", " << key(number);
    for (const auto number : refused_)
      ASSERT_EQ(read(node, number), "") << node << ", " << key(number) << ", which was refused";
  }

  std::string read(const std::string& node, int number) {
    return at(node).run({"GET", key(number)}).text;
  }
  /// Each another, and none that can be written shorter than it is.
  std::string value(int number) const {
    std::minstd_rand chance{static_cast<unsigned>(number + 1)};
    std::string text(bytes_, '\0');
    std::ranges::generate(text, [&] { return static_cast<char>('!' + chance() % 90); });
    return std::to_string(number) + "-" + text;
  }
  static std::string key(int number) { return "key-" + std::to_string(number); }

 private:
  redis_client& at(const std::string& node) {
    if (node != node_ || !client_.connected()) client_.connect(cluster_.redis_port(node), 10'000);
    node_ = node;
    return client_;
  }

  process_cluster& cluster_;
  std::size_t bytes_;
  std::string node_;
  redis_client client_;
  int next_ = 0;
  std::set<int> acknowledged_;
  std::set<int> refused_;
};

}  // namespace us::test
