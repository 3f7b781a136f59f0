#include "engine/redis/options.h"

#include <gtest/gtest.h>
#include <sys/un.h>

#include <cstring>

namespace personalize::engine::redis {
namespace {

/// Knows addresses, "unix:" and one name, which has two addresses.
tl::expected<Resolved, std::string> look_up(std::string_view text, int default_port) {
  if (text.starts_with("unix:")) {
    sockaddr_un local = {};
    local.sun_family = AF_UNIX;
    std::strcpy(local.sun_path, std::string(text.substr(5)).c_str());
    return Resolved{"", {Address(reinterpret_cast<const sockaddr*>(&local), sizeof(local))}};
  }
  const std::size_t colon = text.find(':');
  const std::string host(text.substr(0, colon));
  const int port = colon == text.npos ? default_port : std::stoi(std::string(text.substr(colon + 1)));
  if (host == "redis.example")
    return Resolved{host, {*Address::literal("192.0.2.1", port), *Address::literal("192.0.2.2", port)}};
  const auto address = Address::literal(host, port);
  if (!address) return tl::unexpected<std::string>("host not found");
  return Resolved{host, {*address}};
}

tl::expected<Options, std::string> parse(std::vector<std::string_view> words) { return parse_options(words, look_up); }

std::string refusal(std::vector<std::string_view> words) {
  const auto options = parse(std::move(words));
  return options ? std::string() : options.error();
}

TEST(RedisOptions, OneServerWithEverything) {
  const auto options = parse({"redis.example:7000", "user=edge", "password=a=b", "db=3", "connections=4",
                              "prefix=shop:", "tls=on", "ca=ca.crt", "cert=c.crt", "key=c.key", "server_name="});
  ASSERT_TRUE(options.has_value()) << options.error();
  EXPECT_EQ(options->kind, Options::Kind::single);
  EXPECT_EQ(options->addresses.size(), 2u);
  EXPECT_EQ(options->label, "redis.example:7000");
  EXPECT_EQ(options->login.user, "edge");
  EXPECT_EQ(options->login.password, "a=b");
  EXPECT_EQ(options->database, 3);
  EXPECT_EQ(options->connections, 4u);
  EXPECT_EQ(options->prefix, "shop:");
  EXPECT_TRUE(options->tls_options.on);
  EXPECT_EQ(options->tls_options.server_name, "");
  EXPECT_EQ(options->tls_options.hosts.size(), 2u);
  EXPECT_EQ(options->tls_options.common_host, "redis.example");
}

TEST(RedisOptions, ThePrefixMakesNoOtherRedis) {
  EXPECT_EQ(parse({"192.0.2.1", "prefix=a:"})->spelled, parse({"192.0.2.1", "prefix=b:"})->spelled);
  EXPECT_NE(parse({"192.0.2.1", "db=1"})->spelled, parse({"192.0.2.1"})->spelled);
  EXPECT_EQ(parse({"192.0.2.1"})->prefix, "personalize:");
}

TEST(RedisOptions, SentinelsAndClustersHaveSeveralAddresses) {
  const auto sentinel = parse({"sentinel:shop", "192.0.2.1", "192.0.2.2:7000", "sentinel_password=x"});
  ASSERT_TRUE(sentinel.has_value()) << sentinel.error();
  EXPECT_EQ(sentinel->kind, Options::Kind::sentinel);
  EXPECT_EQ(sentinel->master, "shop");
  EXPECT_EQ(sentinel->addresses[0].text(), "192.0.2.1:26379");
  EXPECT_EQ(sentinel->name, "sentinel:shop 192.0.2.1 192.0.2.2:7000");
  EXPECT_EQ(sentinel->label, "sentinel:shop");

  const auto cluster = parse({"cluster", "192.0.2.1", "192.0.2.2"});
  ASSERT_TRUE(cluster.has_value()) << cluster.error();
  EXPECT_EQ(cluster->kind, Options::Kind::cluster);
  EXPECT_EQ(cluster->addresses[1].text(), "192.0.2.2:6379");
  EXPECT_EQ(cluster->label, "cluster 192.0.2.1:6379");
}

TEST(RedisOptions, SayWhatIsWrong) {
  EXPECT_EQ(refusal({"nobody"}), "host not found in Redis address \"nobody\"");
  EXPECT_EQ(refusal({"192.0.2.1", "colour=red"}), "invalid parameter \"colour=red\"");
  EXPECT_EQ(refusal({"192.0.2.1", "prefix"}), "invalid parameter \"prefix\"");
  EXPECT_EQ(refusal({"192.0.2.1", "192.0.2.2"}), "invalid parameter \"192.0.2.2\"");
  for (std::string_view word : {"db=-1", "db=65536", "db=", "db=1x", "db=+1", "connections=0", "connections=65",
                                "tls=yes", "verify=", "sentinel_user=a"})
    EXPECT_EQ(refusal({"192.0.2.1", word}), "invalid parameter \"" + std::string(word) + '"');
  EXPECT_EQ(refusal({"192.0.2.1", "user=a"}), "a user needs a password");
  EXPECT_EQ(refusal({"cluster", "192.0.2.1", "db=1"}), "a cluster has database 0 only");
  EXPECT_EQ(refusal({"cluster"}), "\"cluster\" needs the addresses of some of the cluster's servers after it");
  EXPECT_EQ(refusal({"cluster", "unix:/r"}), "\"unix:/r\": Sentinels and clusters need host:port, not a Unix socket");
  EXPECT_EQ(refusal({"sentinel:", "192.0.2.1"}),
            "\"sentinel:\" needs a master's name, and the Sentinels' addresses after it");
  EXPECT_EQ(refusal({"192.0.2.1", "ca=a"}), "it has certificates, but not tls=on");
  EXPECT_EQ(refusal({"unix:/r", "tls=on"}), "a Unix socket needs no TLS");
  EXPECT_EQ(refusal({"192.0.2.1", "tls=on", "verify=off", "key=k"}), "cert and key go together");
  std::vector<std::string_view> crowd{"cluster"};
  crowd.insert(crowd.end(), 33, "192.0.2.1");
  EXPECT_EQ(refusal(crowd), "more than 32 addresses");
}

TEST(TlsOptions, AServersCertificateNamesWhatTheOptionsCallIt) {
  TlsOptions options;
  options.hosts = {{"192.0.2.1", "redis.example."}};
  EXPECT_EQ(expected_peer(options, "192.0.2.1").name, "redis.example");
  EXPECT_EQ(expected_peer(options, "192.0.2.9").address, "192.0.2.9");
  EXPECT_EQ(expected_peer(options, "192.0.2.9").name, "");
  options.common_host = "redis.example";
  EXPECT_EQ(expected_peer(options, "192.0.2.9").name, "redis.example");
  options.server_name = "[2001:db8::1]";
  EXPECT_EQ(expected_peer(options, "192.0.2.1").address, "2001:db8::1");
  options.server_name = "";
  EXPECT_EQ(expected_peer(options, "192.0.2.1").address, "192.0.2.1");
}

}  // namespace
}  // namespace personalize::engine::redis
