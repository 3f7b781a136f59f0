// Sentinel and Cluster logic with servers that are only addresses.
#include "engine/redis/topology.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <set>

#include "engine/redis/command.h"
#include "tests/unit/engine/redis/replies.h"

namespace personalize::engine::redis {
namespace {

using plugins::Reply;
using testing::HasSubstr;

class NamedServer final : public Server {
 public:
  NamedServer(std::string name, const std::set<std::string>& away) : name_(std::move(name)), away_(away) {}
  bool reachable() const override { return !away_.contains(name_); }
  void dismiss() override { dismissed_ = true; }
  const std::string& name() const { return name_; }
  bool dismissed() const { return dismissed_; }

 private:
  const std::string name_;
  const std::set<std::string>& away_;
  bool dismissed_ = false;
};

std::string name_of_server(const Server* server) {
  return server == nullptr ? "nobody" : static_cast<const NamedServer*>(server)->name();
}

class TopologyTest : public testing::Test {
 protected:
  std::unique_ptr<Topology> make(Options::Kind kind) {
    Options options;
    options.kind = kind;
    options.label = options.spelled = "it";
    options.master = "shop";
    options.addresses = {from_};
    return Topology::make(options, [this](const ConnectionOptions& of, const std::vector<Address>& addresses) {
      EXPECT_EQ(of.key, "it");
      return std::make_unique<NamedServer>(addresses.front().text(), away_);
    });
  }

  Reply array(std::vector<Reply> elements) {
    return {.kind = Reply::Kind::array, .elements = arrays_.emplace_back(std::move(elements))};
  }
  Reply range(int first, int last, std::string_view host, int port) {
    return array({number(first), number(last), array({text(host), number(port)})});
  }
  Learned learn(Topology& topology, const Reply& answer, std::uint64_t now = 0) {
    return topology.learn(answer, from_, now);
  }

  const Address from_ = *Address::literal("192.0.2.9", 7000);
  std::set<std::string> away_;
  std::deque<std::vector<Reply>> arrays_;
};

TEST_F(TopologyTest, OneServerIsKnownWithoutAsking) {
  const auto topology = make(Options::Kind::single);
  EXPECT_FALSE(topology->discovery());
  EXPECT_EQ(name_of_server(topology->route(7)), "192.0.2.9:7000");
  const auto servers = topology->give_up_servers();
  EXPECT_EQ(servers.size(), 1u);
  EXPECT_EQ(topology->route(7), nullptr);
}

TEST_F(TopologyTest, SentinelsAreAskedWhoTheMasterIs) {
  const auto topology = make(Options::Kind::sentinel);
  EXPECT_EQ(topology->discovery()->question, encode({"SENTINEL", "get-master-addr-by-name", "shop"}));
  EXPECT_TRUE(topology->server_options().master_only);
  EXPECT_FALSE(topology->discovery()->options.master_only);
  EXPECT_EQ(topology->route(0), nullptr);

  const Learned first = learn(*topology, array({text("192.0.2.1"), text("6379")}));
  EXPECT_TRUE(first.known && first.complete && !first.moved && first.news.empty() && !first.problem);
  EXPECT_EQ(name_of_server(topology->route(0)), "192.0.2.1:6379");

  const Learned same = learn(*topology, array({text("192.0.2.1"), text("6379")}));
  EXPECT_TRUE(same.known && !same.moved && same.retired.empty());
}

TEST_F(TopologyTest, AnotherMasterTakesThePlaceOfTheFormerOne) {
  const auto topology = make(Options::Kind::sentinel);
  learn(*topology, array({text("192.0.2.1"), text("6379")}));
  const Learned moved = learn(*topology, array({text("2001:db8::1"), text("6379")}));
  EXPECT_TRUE(moved.known && moved.moved);
  EXPECT_EQ(moved.news, "the master is [2001:db8::1]:6379 now");
  ASSERT_EQ(moved.retired.size(), 1u);
  EXPECT_TRUE(static_cast<const NamedServer&>(*moved.retired[0]).dismissed());
  EXPECT_EQ(name_of_server(topology->route(0)), "[2001:db8::1]:6379");
}

TEST_F(TopologyTest, AMasterThatCannotBeReachedIsNotTheLastWord) {
  const auto topology = make(Options::Kind::sentinel);
  away_ = {"192.0.2.1:6379"};
  const Learned learned = learn(*topology, array({text("192.0.2.1"), text("6379")}));
  EXPECT_TRUE(learned.known && !learned.complete);
}

TEST_F(TopologyTest, ASentinelThatKnowsNothingIsAProblemAndOneThatIsAwayIsNot) {
  const auto topology = make(Options::Kind::sentinel);
  for (const Reply& useless : {Reply{.kind = Reply::Kind::nil}, array({text("redis.example"), text("6379")}),
                               array({text("192.0.2.1"), text("0")}), array({text("192.0.2.1")}), number(1),
                               Reply{.kind = Reply::Kind::error, .text = "NOPERM"}}) {
    const Learned learned = learn(*topology, useless);
    EXPECT_TRUE(!learned.known && !learned.complete && learned.problem);
  }
  const Learned absent = learn(*topology, {});
  EXPECT_TRUE(!absent.known && !absent.problem);
}

TEST_F(TopologyTest, AClusterSaysWhoHasWhichSlots) {
  const auto topology = make(Options::Kind::cluster);
  EXPECT_EQ(topology->discovery()->question, encode({"CLUSTER", "SLOTS"}));
  const Learned part = learn(*topology, array({range(0, 99, "192.0.2.1", 1)}));
  EXPECT_TRUE(part.known && !part.complete && !part.moved);
  EXPECT_EQ(name_of_server(topology->route(99)), "192.0.2.1:1");
  EXPECT_EQ(topology->route(100), nullptr);
  const Learned all = learn(*topology, array({range(0, 8191, "192.0.2.1", 1), range(8192, 16383, "", 7001)}));
  EXPECT_TRUE(all.complete && all.moved);
  EXPECT_EQ(name_of_server(topology->route(16383)), "192.0.2.9:7001");
  EXPECT_EQ(all.servers.size(), 3u);  // and the one that was configured
  EXPECT_THAT(*learn(*topology, {.kind = Reply::Kind::error, .text = "ERR no cluster"}).problem,
              HasSubstr("no cluster"));
}

TEST_F(TopologyTest, MovedIsRememberedAndAskIsNot) {
  const auto topology = make(Options::Kind::cluster);
  learn(*topology, array({range(0, 16383, "192.0.2.1", 1)}));
  const Advice ask = topology->on_error("ASK 7 192.0.2.2:2", 7, from_, 0);
  EXPECT_TRUE(ask.redirected && ask.asking && !ask.outdated);
  EXPECT_EQ(name_of_server(ask.server), "192.0.2.2:2");
  EXPECT_EQ(name_of_server(topology->route(7)), "192.0.2.1:1");
  const Advice moved = topology->on_error("MOVED 7 192.0.2.3:3", 7, from_, 0);
  EXPECT_TRUE(moved.redirected && !moved.asking && moved.outdated);
  EXPECT_EQ(name_of_server(topology->route(7)), "192.0.2.3:3");
  EXPECT_EQ(name_of_server(topology->route(8)), "192.0.2.1:1");
}

TEST_F(TopologyTest, ARedirectToANameNeedsItsAddressInTheMap) {
  const auto topology = make(Options::Kind::cluster);
  const Reply facts = array({text("ip"), text("192.0.2.5")});
  const Reply node = array({text("redis.example"), number(5), text("id"), facts});
  learn(*topology, array({array({number(0), number(16383), node})}));
  EXPECT_EQ(name_of_server(topology->on_error("MOVED 7 redis.example:5", 7, from_, 0).server), "192.0.2.5:5");
  const Advice unknown = topology->on_error("MOVED 7 other.example:5", 7, from_, 0);
  EXPECT_TRUE(unknown.redirected && unknown.outdated && unknown.server == nullptr);
}

TEST_F(TopologyTest, OtherErrorsAreAnswers) {
  const auto topology = make(Options::Kind::cluster);
  for (std::string_view error : {"ERR wrong", "MOVED", "MOVED 7", "MOVED 99999 192.0.2.1:1", "MOVED 8 192.0.2.1:1"}) {
    const Advice advice = topology->on_error(error, 7, from_, 0);
    EXPECT_TRUE(!advice.redirected && !advice.outdated && advice.server == nullptr) << error;
  }
  EXPECT_TRUE(topology->on_error("CLUSTERDOWN Hash slot not served", 7, from_, 0).outdated);
  EXPECT_FALSE(make(Options::Kind::single)->on_error("MOVED 7 192.0.2.1:1", 7, from_, 0).redirected);
}

TEST_F(TopologyTest, ANodeWithoutSlotsIsRetiredWhenNobodyHasNamedItForAWhile) {
  const auto topology = make(Options::Kind::cluster);
  learn(*topology, array({range(0, 16383, "192.0.2.1", 1)}), 1000);
  EXPECT_TRUE(learn(*topology, array({range(0, 16383, "192.0.2.2", 2)}), 2000).retired.empty());
  EXPECT_TRUE(learn(*topology, array({range(0, 16383, "192.0.2.2", 2)}), 31000).retired.empty());
  const Learned late = learn(*topology, array({range(0, 16383, "192.0.2.2", 2)}), 31001);
  ASSERT_EQ(late.retired.size(), 1u);
  EXPECT_EQ(name_of_server(late.retired[0].get()), "192.0.2.1:1");
  away_ = {"192.0.2.2:2"};
  EXPECT_EQ(learn(*topology, array({range(0, 16383, "192.0.2.3", 3)}), 31002).retired.size(), 1u);
}

TEST_F(TopologyTest, AClusterOfTooManyServersIsUsedAsFarAsItGoes) {
  const auto topology = make(Options::Kind::cluster);
  std::vector<Reply> ranges;
  ranges.reserve(129);
  for (int i = 0; i < 129; ++i) ranges.push_back(range(i, i, "192.0.2.1", i + 1));
  const Learned learned = learn(*topology, array(ranges));
  EXPECT_TRUE(learned.known && !learned.complete);
  EXPECT_EQ(learned.problem, "has more than 128 servers");
  EXPECT_EQ(name_of_server(topology->route(127)), "192.0.2.1:128");
  EXPECT_EQ(topology->route(128), nullptr);
  EXPECT_EQ(topology->give_up_servers().size(), 128u);
}

}  // namespace
}  // namespace personalize::engine::redis
