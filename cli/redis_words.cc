#include "cli/redis_words.h"

#include <chrono>
#include <sstream>
#include <string_view>

#include "engine/redis/client/resolve.h"

namespace personalize::cli {
namespace {

constexpr std::chrono::seconds max_time_of_a_command{5};

}  // namespace

tl::expected<std::unique_ptr<engine::redis::client::BlockingClient>, std::string> redis_client(
    const std::vector<std::string>& words) {
  std::vector<std::string> parameters;
  for (const std::string& text : words) {
    std::istringstream in(text);
    for (std::string word; in >> word;) parameters.push_back(word);
  }
  if (parameters.empty()) return tl::unexpected<std::string>("--redis: an address is missing");
  const std::vector<std::string_view> views(parameters.begin(), parameters.end());
  const auto options = engine::redis::parse_options(views, engine::redis::client::resolve);
  if (!options) return tl::unexpected("--redis: " + options.error());
  auto client = engine::redis::client::BlockingClient::make(*options, max_time_of_a_command);
  if (!client) return tl::unexpected("--redis: " + client.error());
  return client;
}

}  // namespace personalize::cli
