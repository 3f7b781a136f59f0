// A request described in JSON, for the command line tool and bug reports.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/json.h"
#include "engine/evaluation.h"
#include "plugins/request.h"

namespace personalize::cli {

/// Owns what a `plugins::Request` views. All members but `url` may be left out:
///
///     {"url": "https://shop.example/c/coats?sort=price", "method": "GET", "address": "203.0.113.9",
///      "headers": {"User-Agent": "…", "Cookie": "…"}, "visitor": "alice", "at": "2026-12-24T18:00:00+01:00",
///      "profile": {"tier": "gold", "visits": 7}, "redis": {"HGET loyalty points": "1200"},
///      "attributes": {"geo.country": "GB"}}
///
/// `profile` answers the profile's fetch as Redis would (absent: no such profile); `redis` the commands of other
/// plugins, written with the name of the visitor's key (absent: no answer); `attributes` overrides what plugins say.
class RequestFile {
 public:
  /// Throws std::runtime_error that says what is wrong with `json`.
  explicit RequestFile(const Json& json);

  const plugins::Request& request() const { return request_; }

  /// Takes the evaluation through both rounds with replies from `profile` and `redis`, and decides it; `attributes` are
  /// set whatever plugins say.
  void decide(engine::Evaluation& evaluation) const;

 private:
  void parse_url();
  void answer(engine::Evaluation& evaluation, std::span<const plugins::Fetch> fetches) const;
  void assume_attributes(engine::Evaluation& evaluation) const;
  bool answer_profile(engine::Evaluation& evaluation, std::size_t index,
                      std::span<const std::string_view> command) const;
  bool answer_command(engine::Evaluation& evaluation, std::size_t index,
                      std::span<const std::string_view> command) const;

  std::string url_, method_, address_, visitor_, host_, path_;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::vector<plugins::Header> header_views_;
  bool has_profile_ = false;
  std::vector<std::pair<std::string, std::string>> profile_;
  Json redis_;
  Json attributes_;
  plugins::Request request_;
};

}  // namespace personalize::cli
