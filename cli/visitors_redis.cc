#include "cli/visitors_redis.h"

#include <utility>

#include "cli/redis_words.h"

namespace personalize::cli {

tl::expected<VisitorsRedis, std::string> VisitorsRedis::parse(const std::vector<std::string>& words) {
  auto client = redis_client(words);
  if (!client) return tl::unexpected(client.error());
  return VisitorsRedis(std::move(*client));
}

engine::json::DescribedRequest::AskRedis VisitorsRedis::asking() {
  return [this](std::span<const std::string_view> command, rules::Arena& arena) {
    auto reply = client_->command(command, arena);
    if (!reply) failure_ = reply.error();
    return reply;
  };
}

}  // namespace personalize::cli
