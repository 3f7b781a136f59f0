#include "engine/redis/client/blocking_client.h"

#include <algorithm>
#include <cassert>
#include <thread>
#include <utility>

#include "engine/redis/breaker.h"
#include "engine/redis/command.h"
#include "engine/redis/key_slot.h"
#include "engine/redis/packed_reply.h"
#include "engine/redis/plain_reply.h"

namespace personalize::engine::redis::client {
namespace {

constexpr unsigned max_attempts = 5;

std::string message(const ConnectionOptions& options, const Address& address, const std::string& problem) {
  return "redis " + options.at(address) + ": " + problem;
}

plugins::Reply copy(const plugins::Reply& reply, rules::Arena& memory) {
  return unpack(rules::copy(memory, pack(reply)), memory).value_or(plugins::Reply{});
}

}  // namespace

/// What went wrong, and whether the same command may help itself to another attempt.
struct BlockingClient::Failure {
  std::string problem;
  bool again = false;
};

/// One server with its connection, at the first of its addresses that answers.
class BlockingClient::Host final : public Server {
 public:
  Host(const ConnectionOptions& options, const TlsContext* tls, std::vector<Address> addresses)
      : options_(options), addresses_(std::move(addresses)), connection_(options, tls) {}

  bool reachable() const override { return !failed_; }
  void dismiss() override {}
  const Address& address() const { return addresses_.current(); }

  /// The reply, valid until the next question.
  tl::expected<const redisReply*, std::string> ask(std::string_view bytes, bool asking, Deadline deadline) {
    auto reply = exchange(bytes, asking, deadline);
    failed_ = !reply;
    if (failed_) connection_.close();
    return reply;
  }

 private:
  tl::expected<const redisReply*, std::string> exchange(std::string_view bytes, bool asking, Deadline deadline) {
    if (auto ready = connect(deadline); !ready) return tl::unexpected(ready.error());
    auto sent = connection_.send((asking ? encode({"ASKING"}) : std::string()).append(bytes), deadline);
    if (!sent) return tl::unexpected(said(sent.error()));
    if (asking) {
      const auto permitted = connection_.receive(deadline);
      if (!permitted) return tl::unexpected(said(permitted.error()));
      if ((*permitted)->type == REDIS_REPLY_ERROR)
        return tl::unexpected(said(refused_asking({(*permitted)->str, (*permitted)->len})));
    }
    auto reply = connection_.receive(deadline);
    if (!reply) return tl::unexpected(said(reply.error()));
    return reply;
  }

  tl::expected<void, std::string> connect(Deadline deadline) {
    if (connection_.is_open()) return {};
    std::string problem;
    for (std::size_t left = addresses_.size(); left != 0; --left) {
      const auto opened = connection_.open(address(), share(deadline, left));
      if (opened) return {};
      problem = said(opened.error());
      if (left != 1) addresses_.advance();
    }
    return tl::unexpected(problem);
  }

  std::string said(const std::string& problem) const { return message(options_, address(), problem); }

  const ConnectionOptions& options_;
  AddressRing addresses_;
  Connection connection_;
  bool failed_ = false;
};

tl::expected<std::unique_ptr<BlockingClient>, std::string> BlockingClient::make(const Options& options,
                                                                                std::chrono::milliseconds limit) {
  std::optional<TlsContext> tls;
  if (options.tls_options.on) {
    auto loaded = TlsContext::load(options.tls_options);
    if (!loaded) return tl::unexpected(std::move(loaded.error()));
    tls.emplace(std::move(*loaded));
  }
  return std::unique_ptr<BlockingClient>(new BlockingClient(options, std::move(tls), limit));
}

BlockingClient::BlockingClient(const Options& options, std::optional<TlsContext> tls, std::chrono::milliseconds limit)
    : options_(options), tls_(std::move(tls)), limit_(limit), informants_(options.addresses) {
  topology_ = Topology::make(options_, [this](const ConnectionOptions& of, const std::vector<Address>& addresses) {
    return std::make_unique<Host>(of, tls_ ? &*tls_ : nullptr, addresses);
  });
}

BlockingClient::~BlockingClient() = default;

std::uint64_t BlockingClient::now() {
  const auto since_boot = Clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(since_boot).count());
}

/// Asks one after the other until one has the last word. Why none has, if no server is known either.
std::optional<std::string> BlockingClient::find_servers(Deadline deadline) {
  assert(topology_->discovery());
  const ConnectionOptions& options = topology_->discovery()->options;
  std::string problems;
  bool known = false;
  for (std::size_t left = informants_.size(); left != 0; --left) {
    const Address asked = informants_.current();
    Host informant(options, tls_ ? &*tls_ : nullptr, {asked});
    const auto reply = informant.ask(topology_->discovery()->question, false, share(deadline, left));
    Learned learned;
    with_plain_reply(reply ? *reply : nullptr, limits_of_a_cluster,
                     [&](const plugins::Reply& answer) { learned = topology_->learn(answer, asked, now()); });
    known = known || learned.known;
    if (!reply || learned.problem)
      problems += (problems.empty() ? "" : "; ") + (reply ? message(options, asked, *learned.problem) : reply.error());
    if (learned.complete) return std::nullopt;
    informants_.advance();
  }
  if (known) return std::nullopt;
  return problems;
}

tl::expected<plugins::Reply, BlockingClient::Failure> BlockingClient::attempt(std::string_view bytes,
                                                                              std::uint16_t slot, Deadline deadline,
                                                                              rules::Arena& memory) {
  const bool discovers = topology_->discovery().has_value();
  if (topology_->route(slot) == nullptr && discovers)
    if (auto problem = find_servers(deadline)) return tl::unexpected(Failure{std::move(*problem), true});
  auto* host = static_cast<Host*>(topology_->route(slot));
  if (host == nullptr)
    return tl::unexpected(Failure{"redis " + options_.label + ": no server has that key's slot", true});
  bool asking = false;
  for (unsigned redirects = 0;; ++redirects) {
    const auto reply = host->ask(bytes, asking, deadline);
    if (!reply) return tl::unexpected(Failure{reply.error(), discovers});
    if ((*reply)->type != REDIS_REPLY_ERROR) {
      plugins::Reply plain;
      with_plain_reply(*reply, limits_of_a_profile, [&](const plugins::Reply& read) { plain = copy(read, memory); });
      if (plain.kind != plugins::Reply::Kind::error) return plain;
      return tl::unexpected(Failure{message(topology_->server_options(), host->address(), std::string(plain.text))});
    }
    const std::string error((*reply)->str, (*reply)->len);
    const Advice advice = topology_->on_error(error, slot, host->address(), now());
    if (advice.server == nullptr || redirects == max_redirects)
      return tl::unexpected(Failure{message(topology_->server_options(), host->address(), error), advice.outdated});
    host = static_cast<Host*>(advice.server);
    asking = advice.asking;
  }
}

tl::expected<plugins::Reply, std::string> BlockingClient::command(std::span<const std::string_view> words,
                                                                  rules::Arena& memory) {
  assert(words.size() > 1);
  return command(words, words[1], memory);
}

tl::expected<plugins::Reply, std::string> BlockingClient::command(std::span<const std::string_view> words,
                                                                  std::string_view key, rules::Arena& memory) {
  const Deadline deadline = Clock::now() + limit_;
  const std::string bytes = encode(words);
  const std::uint16_t slot = slot_of(key);
  for (unsigned failures = 0;; ++failures) {
    auto reply = attempt(bytes, slot, deadline, memory);
    if (reply) return *reply;
    const auto pause = std::chrono::milliseconds(reconnect_pause(failures, 0));
    const bool again = reply.error().again && repeatable(words[0]) && failures + 1 < max_attempts;
    if (!again || Clock::now() + pause >= deadline) return tl::unexpected(std::move(reply.error().problem));
    std::this_thread::sleep_for(pause);
    // What is known now did not help; if nobody says more, the command's own failure says it better.
    if (topology_->route(slot) != nullptr) find_servers(deadline);
  }
}

}  // namespace personalize::engine::redis::client
