// A request described in JSON: for the command line tool, bug reports and interfaces.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "engine/evaluation.h"
#include "engine/json/json.h"
#include "plugins/request.h"

namespace personalize::engine::json {

/// Owns what a `plugins::Request` views. All members but `url` may be left out:
///
///     {"url": "https://shop.example/c/coats?sort=price", "method": "GET", "address": "203.0.113.9",
///      "headers": {"User-Agent": "…", "Cookie": "…"}, "visitor": "alice", "at": "2026-12-24T18:00:00+01:00",
///      "profile": {"tier": "gold", "visits": 7}, "redis": {"HGET loyalty points": "1200"},
///      "attributes": {"geo.country": "GB"}}
///
/// `profile` answers the profile's fetch as Redis would (absent: no such profile); `redis` the commands of other
/// plugins, written with the name of the visitor's key (absent: no answer); `attributes` overrides what plugins say.
class DescribedRequest {
 public:
  /// Never null; or what is wrong with `json`.
  static tl::expected<std::unique_ptr<const DescribedRequest>, std::string> read(const Json& json);
  DescribedRequest(const DescribedRequest&) = delete;  // it has views of itself
  DescribedRequest& operator=(const DescribedRequest&) = delete;

  const plugins::Request& request() const { return request_; }

  /// Asks a real Redis; the reply is in the arena. Or why there is none.
  using AskRedis = std::function<tl::expected<plugins::Reply, std::string>(std::span<const std::string_view> command,
                                                                           rules::Arena& arena)>;

  /// Takes the evaluation through both rounds with replies from `profile` and `redis`, for others from `ask_redis` if
  /// there is one, and decides it; `attributes` are set whatever plugins say. Or says which attribute cannot be set, or
  /// what `ask_redis` did.
  tl::expected<void, std::string> decide(Evaluation& evaluation, const AskRedis& ask_redis = {}) const;

 private:
  DescribedRequest() noexcept(false) = default;
  void parse_url();
  tl::expected<void, std::string> answer(Evaluation& evaluation, std::span<const plugins::Fetch> fetches,
                                         const AskRedis& ask_redis) const;
  tl::expected<void, std::string> assume_attributes(Evaluation& evaluation) const;
  bool answer_profile(Evaluation& evaluation, std::size_t index, std::span<const std::string_view> command) const;
  bool answer_command(Evaluation& evaluation, std::size_t index, std::span<const std::string_view> command) const;

  std::string url_, method_, address_, visitor_, host_, path_;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::vector<plugins::Header> header_views_;
  bool has_profile_ = false;
  std::vector<std::pair<std::string, std::string>> profile_;
  Json redis_;
  Json attributes_;
  plugins::Request request_;
};

}  // namespace personalize::engine::json
