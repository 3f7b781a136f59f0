// The Redis that --redis names, for what NGINX would ask it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "engine/json/request_json.h"
#include "engine/redis/client/blocking_client.h"

namespace personalize::cli {

class VisitorsRedis {
 public:
  /// `words`: address and parameters as for NGINX's personalize_redis, in one piece or several. The error says what
  /// is wrong with them.
  static tl::expected<VisitorsRedis, std::string> parse(const std::vector<std::string>& words);

  const std::string& prefix() const { return client_->options().prefix; }
  /// Asks this Redis; must not outlive it.
  engine::json::DescribedRequest::AskRedis asking();
  /// Why a command went unanswered, if one did.
  const std::optional<std::string>& failure() const { return failure_; }

 private:
  explicit VisitorsRedis(std::unique_ptr<engine::redis::client::BlockingClient> client) : client_(std::move(client)) {}

  std::unique_ptr<engine::redis::client::BlockingClient> client_;
  std::optional<std::string> failure_;
};

}  // namespace personalize::cli
