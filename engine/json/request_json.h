// A request described in JSON: for the command line tool, bug reports and interfaces.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "engine/evaluation.h"
#include "engine/json/json.h"
#include "engine/json/supposed_headers.h"
#include "engine/json/suppositions.h"
#include "plugins/request.h"

namespace personalize::engine::json {

/// Owns what a `plugins::Request` views. All members but `url` may be left out:
///
///     {"url": "https://shop.example/c/coats?sort=price", "method": "GET", "address": "203.0.113.9",
///      "headers": {"User-Agent": "…", "Cookie": "…"}, "visitor": "alice", "customer": "c-1", "at":
///      "2026-12-24T18:00:00+01:00", "profile": {"tier": "gold", "visits": 7}, "redis": {"HGET loyalty points":
///      "1200"}, "locations": {"/_recommend?n=4": "[…]"}, "attributes": {"geo.country": "GB"}, "set": {"time.hour":
///      "3"}}
///
/// `attributes` and `set` suppose what attributes are, the latter as people type it (suppositions.h); the request and
/// its time are those that agree with it. `profile` answers the profile's fetch as Redis would (absent: no such
/// profile); `redis` the commands of other plugins, written with the name of the visitor's or the shared key (absent:
/// no answer); `locations` what plugins ask of locations (null: 204; absent: no answer).
class DescribedRequest {
 public:
  /// Never null; or what is wrong with `json`. What it supposes is about attributes of the engine, if there is one.
  static tl::expected<std::unique_ptr<const DescribedRequest>, std::string> read(
      const Json& json, const std::shared_ptr<const Engine>& engine = nullptr);
  DescribedRequest(const DescribedRequest&) = delete;  // it has views of itself
  DescribedRequest& operator=(const DescribedRequest&) = delete;

  const plugins::Request& request() const { return request_; }

  /// Asks a real Redis; the reply is in the arena. Or why there is none.
  using AskRedis = std::function<tl::expected<plugins::Reply, std::string>(std::span<const std::string_view> command,
                                                                           rules::Arena& arena)>;

  /// Takes the evaluation through both rounds with replies from `profile` and `redis`, for others from `ask_redis` if
  /// there is one, and decides it with what is supposed. Or says why `ask_redis` failed.
  tl::expected<void, std::string> decide(Evaluation& evaluation, const AskRedis& ask_redis = {}) const;

 private:
  DescribedRequest() noexcept(false) = default;
  void parse_url();
  tl::expected<void, std::string> answer(Evaluation& evaluation, std::span<const plugins::Fetch> fetches,
                                         const AskRedis& ask_redis) const;
  tl::expected<void, std::string> suppose(const Json& json, const std::shared_ptr<const Engine>& engine);
  std::string zone(const std::shared_ptr<const Engine>& engine) const;
  void view_headers();
  void assume(Evaluation& evaluation) const;
  bool answer_profile(Evaluation& evaluation, std::size_t index, std::span<const std::string_view> command) const;
  void answer_location(Evaluation& evaluation, std::size_t index, const plugins::Fetch& fetch) const;
  bool answer_command(Evaluation& evaluation, std::size_t index, std::span<const std::string_view> command) const;

  std::string url_, method_, address_, visitor_, customer_, scheme_, host_, path_, query_;
  HeaderList headers_;
  std::vector<plugins::Header> header_views_;
  bool has_profile_ = false;
  std::vector<std::pair<std::string, std::string>> profile_;
  Json redis_;
  Json locations_;
  std::optional<Suppositions> suppositions_;
  plugins::Request request_;
};

}  // namespace personalize::engine::json
