// The Redis that --redis names, for what NGINX would ask there.
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
  /// `words`: address and parameters as NGINX's personalize_redis takes them, in one piece or several. Or what is wrong
  /// with them.
  static tl::expected<VisitorsRedis, std::string> parse(const std::vector<std::string>& words);

  const std::string& prefix() const { return client_->options().prefix; }
  /// What asks it; this outlives what is returned.
  engine::json::DescribedRequest::AskRedis asking();
  /// Why a command was not answered, if one was not.
  const std::optional<std::string>& failure() const { return failure_; }

 private:
  explicit VisitorsRedis(std::unique_ptr<engine::redis::client::BlockingClient> client) : client_(std::move(client)) {}

  std::unique_ptr<engine::redis::client::BlockingClient> client_;
  std::optional<std::string> failure_;
};

}  // namespace personalize::cli
