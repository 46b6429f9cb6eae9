// The address owner on real interfaces: hosts a, b and c on one switch.
#include "runtime/live/live_address_owner.hpp"
#include "tests/support/network_namespaces.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <optional>
#include <poll.h>
#include <unistd.h>

namespace us {
namespace {

using namespace std::chrono_literals;
using test::inside;
using test::network_namespaces;

constexpr auto deadline = 20s;

/// What a worker's thread tells, and waiting for it.
template <class T>
class told {
 public:
  void add(T what) {
    std::lock_guard lock{mutex_};
    all_.push_back(std::move(what));
    changed_.notify_all();
  }
  /// The next that `fits`, in the order told.
  template <class Fits>
  std::optional<T> wait_for(Fits fits) {
    std::unique_lock lock{mutex_};
    std::optional<T> found;
    changed_.wait_for(lock, deadline, [&] {
      while (!found && read_ < all_.size())
        if (fits(all_[read_++])) found = all_[read_ - 1];
      return found.has_value();
    });
    return found;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<T> all_;
  std::size_t read_ = 0;
};

time_point in(duration from_now) {
  return std::chrono::time_point_cast<duration>(std::chrono::steady_clock::now()) + from_now;
}

class AddressOwner : public ::testing::Test {
 protected:
  void SetUp() override {
    if (auto why = test::no_namespaces(); !why.empty()) GTEST_SKIP() << why;
    net_.emplace(std::vector<std::string>{"a", "b", "c"});
  }

  std::unique_ptr<address_worker> open_at(const std::string& host) {
    inside there{*net_, host};
    left_.clear();
    auto made = address_worker::open({"e0", {v4_, v6_}, 0}, left_);
    EXPECT_TRUE(made) << made.error().text;
    (*made)->watch([this](const address_event& event) { events_.add(event); });
    return std::move(*made);
  }
  bool assume(address_worker& owner, duration length = 1h) {
    told<bool> answer;
    owner.assume(in(length), [&](const status& s) { answer.add(static_cast<bool>(s)); });
    return answer.wait_for([](bool) { return true; }).value_or(false);
  }
  void release(address_worker& owner) {
    told<bool> answer;
    owner.release([&](const status& s) { answer.add(static_cast<bool>(s)); });
    EXPECT_TRUE(answer.wait_for([](bool well) { return well; }));
  }
  std::optional<address_event> event(address_event_kind kind) {
    return events_.wait_for([kind](const address_event& e) { return e.kind == kind; });
  }
  bool both_at(const std::string& host) {
    return net_->has_address(host, "10.77.0.100") && net_->has_address(host, "fd77::100");
  }
  bool none_at(const std::string& host) {
    return !net_->has_address(host, "10.77.0.100") && !net_->has_address(host, "fd77::100");
  }
  /// Waits until the socket hears a claim of one of our addresses.
  std::optional<neighbour::claim> hear(const packet_socket& s, const ip_prefix& address) {
    const auto end = in(deadline);
    while (in(0s) < end) {
      pollfd watched{s.descriptor(), POLLIN, 0};
      (void)::poll(&watched, 1, 1000);
      while (auto claim = s.next())
        if (claim->address.bytes == address.bytes) return claim;
    }
    return std::nullopt;
  }

  ip_prefix v4_ = *parse_ip_prefix("10.77.0.100/24");
  ip_prefix v6_ = *parse_ip_prefix("fd77::100/64");
  std::optional<network_namespaces> net_;
  std::vector<ip_prefix> left_;
  told<address_event> events_;
};

TEST_F(AddressOwner, AddsAndRemovesBothFamilies) {
  auto owner = open_at("a");
  EXPECT_TRUE(none_at("a"));
  ASSERT_TRUE(assume(*owner));
  EXPECT_TRUE(both_at("a"));
  release(*owner);
  EXPECT_TRUE(none_at("a"));
}

TEST_F(AddressOwner, AnnouncesWhatItAssumes) {
  auto owner = open_at("a");
  std::vector<packet_socket> listening;
  {
    inside there{*net_, "c"};
    const auto index = (*(*netlink::open())->interface("e0")).index;
    listening.push_back(std::move(*packet_socket::open(index, packet_socket::family::arp)));
    listening.push_back(
        std::move(*packet_socket::open(index, packet_socket::family::neighbour_discovery)));
  }
  ASSERT_TRUE(assume(*owner));
  for (const auto& [s, address] : {std::pair{&listening[0], v4_}, {&listening[1], v6_}}) {
    const auto claim = hear(*s, address);
    ASSERT_TRUE(claim) << to_string(address);
    EXPECT_EQ(claim->who, owner->interface().hardware);
  }
}

TEST_F(AddressOwner, LetsGoWhenItsTimeIsOverThoughNobodyTellsIt) {
  auto owner = open_at("a");
  ASSERT_TRUE(assume(*owner, 50ms));
  ASSERT_TRUE(event(address_event_kind::expired));
  EXPECT_TRUE(none_at("a"));
}

TEST_F(AddressOwner, RefusesToAssumeForATimeThatIsOver) {
  auto owner = open_at("a");
  EXPECT_FALSE(assume(*owner, -1ms));
  EXPECT_TRUE(none_at("a"));
}

TEST_F(AddressOwner, RemovesWhatAFormerProcessLeft) {
  net_->ip("a", {"addr", "add", "10.77.0.100/24", "dev", "e0"});
  auto owner = open_at("a");
  EXPECT_EQ(left_, std::vector{v4_});
  EXPECT_TRUE(none_at("a"));
}

TEST_F(AddressOwner, RemovesThemWhenItEnds) {
  {
    auto owner = open_at("a");
    ASSERT_TRUE(assume(*owner));
  }
  EXPECT_TRUE(none_at("a"));
}

TEST_F(AddressOwner, FindsAStrangerByProbing) {
  for (const auto* address : {"10.77.0.100/24", "fd77::100/64"}) {
    SCOPED_TRACE(address);
    net_->ip("c", {"addr", "add", address, "dev", "e0", "nodad"});
    auto owner = open_at("a");
    auto other = open_at("b");
    told<std::vector<hardware_address>> answer;
    owner->probe(1s, [&](std::vector<hardware_address> who) { answer.add(std::move(who)); });
    const auto who = answer.wait_for([](const auto&) { return true; });
    ASSERT_TRUE(who);
    EXPECT_EQ(who->size(), 1u);
    net_->ip("c", {"addr", "del", address, "dev", "e0"});
  }
}

TEST_F(AddressOwner, ProbesInVainWhenNobodyHasThem) {
  auto owner = open_at("a");
  told<std::vector<hardware_address>> answer;
  owner->probe(50ms, [&](std::vector<hardware_address> who) { answer.add(std::move(who)); });
  EXPECT_TRUE(answer.wait_for([](const auto& who) { return who.empty(); }));
}

TEST_F(AddressOwner, ReportsAnotherThatSaysItHasThem) {
  auto owner = open_at("a");
  auto rival = open_at("b");
  ASSERT_TRUE(assume(*owner));
  ASSERT_TRUE(assume(*rival));
  const auto duplicate = events_.wait_for([&](const address_event& e) {
    return e.kind == address_event_kind::duplicate && e.who == rival->interface().hardware;
  });
  ASSERT_TRUE(duplicate);
  EXPECT_NE(duplicate->why.find(to_string(rival->interface().hardware)), std::string::npos);
}

TEST_F(AddressOwner, ReportsThatAnotherProgramRemovedOne) {
  auto owner = open_at("a");
  ASSERT_TRUE(assume(*owner));
  net_->ip("a", {"addr", "del", "10.77.0.100/24", "dev", "e0"});
  EXPECT_TRUE(event(address_event_kind::taken));
}

TEST_F(AddressOwner, SeesItsLinkGoDownAndUp) {
  auto owner = open_at("a");
  EXPECT_TRUE(owner->link_up());
  net_->link("a", false);
  EXPECT_TRUE(event(address_event_kind::link_down));
  net_->link("a", true);
  EXPECT_TRUE(event(address_event_kind::link_up));
}

TEST_F(AddressOwner, SaysThatAnInterfaceIsMissing) {
  inside there{*net_, "a"};
  const auto made = address_worker::open({"nosuch0", {v4_}, 0}, left_);
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().text.find("there is no interface nosuch0"), std::string::npos);
}

// The kernel's own clock: the process that added the address need not live any more.
TEST_F(AddressOwner, LeavesTheAddressToTheKernelForItsLifetimeOnly) {
  {
    inside there{*net_, "a"};
    auto kernel = netlink::open();
    ASSERT_TRUE(kernel);
    const auto index = (*(*kernel)->interface("e0")).index;
    ASSERT_TRUE((*kernel)->add(index, v4_, 1));
    ASSERT_TRUE((*kernel)->add(index, v6_, 1));
    auto monitor = netlink_monitor::open(index, {[](bool) {}, [](const ip_prefix&) {}});
    const auto end = in(deadline);
    while (!none_at("a") && in(0s) < end) {
      pollfd watched{(*monitor)->descriptor(), POLLIN, 0};
      (void)::poll(&watched, 1, 1000);
      (void)(*monitor)->read();
    }
  }
  EXPECT_TRUE(none_at("a"));
}

TEST(NetworkCapabilities, AreSaidToBeMissing) {
  if (auto why = test::no_namespaces(); !why.empty()) GTEST_SKIP() << why;
  EXPECT_EXIT(
      {
        if (::setuid(65534) != 0) std::exit(3);
        const auto able = check_network_capabilities();
        std::fprintf(stderr, "%s\n", able ? "able" : able.error().text.c_str());
        std::exit(able ? 1 : 0);
      },
      ::testing::ExitedWithCode(0), "needs CAP_NET_ADMIN and CAP_NET_RAW");
}

}  // namespace
}  // namespace us
