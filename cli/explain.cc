#include "cli/explain.h"

#include <algorithm>
#include <fstream>
#include <istream>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <utility>

#include "cli/access_log.h"
#include "cli/event_explanation.h"
#include "cli/explanation.h"
#include "cli/files.h"
#include "cli/visitors_redis.h"
#include "engine/evaluation.h"
#include "engine/json/decision_json.h"
#include "engine/json/request_json.h"
#include "html/rewriter.h"

namespace personalize::cli {
namespace {

/// Why Redis cannot be asked.
struct RedisFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

Json read_json(const std::string& path, std::istream& in) {
  try {
    return Json::parse(read_file(path, in));
  } catch (const Json::exception& error) {
    throw std::runtime_error(path + ": " + error.what());
  }
}

Json read_log(const ExplainOptions& options, std::istream& in) {
  if (options.log_file == "-") return request_of_log_line(log_line(in, options.log_line));
  std::ifstream log(options.log_file, std::ios::binary);
  if (!log) throw std::runtime_error(options.log_file + ": cannot be read");
  return request_of_log_line(log_line(log, options.log_line));
}

/// "name<separator>value"
std::pair<std::string, std::string> pair_of(const std::string& text, char separator, const char* example) {
  const std::size_t at = text.find(separator);
  if (at == 0 || at == text.npos) throw std::runtime_error("\"" + text + "\" is not of the form " + example);
  const std::size_t value = text.find_first_not_of(' ', at + 1);
  return {text.substr(0, at), value == text.npos ? std::string() : text.substr(value)};
}

Json read_request(const ExplainOptions& options, std::istream& in) {
  Json request = Json::object();
  if (!options.log_file.empty()) request = read_log(options, in);
  if (!options.request_file.empty()) request = read_json(options.request_file, in);
  if (!options.method.empty()) request["method"] = options.method;
  if (!options.url.empty()) request["url"] = options.url;
  if (!options.address.empty()) request["address"] = options.address;
  if (!options.user_agent.empty()) request["headers"]["User-Agent"] = options.user_agent;
  if (!options.at.empty()) request["at"] = options.at;
  if (!options.visitor.empty()) request["visitor"] = options.visitor;
  if (!options.profile_file.empty()) request["profile"] = read_json(options.profile_file, in);
  for (const std::string& header : options.headers) {
    const auto [name, value] = pair_of(header, ':', "\"Name: value\"");
    request["headers"][name] = value;
  }
  for (const std::string& attribute : options.attributes) {
    const auto [name, value] = pair_of(attribute, '=', "geo.country=AT");
    request["set"][name] = value;
    if (request.contains("attributes")) request["attributes"].erase(name);
  }
  return request;
}

class StreamSink final : public html::Sink {
 public:
  explicit StreamSink(std::ostream& out) : out_(out) {}
  void pass(std::string_view bytes) override { out_ << bytes; }
  void insert(std::string_view bytes) override { out_ << bytes; }
  void copy(std::string_view bytes) override { out_ << bytes; }

 private:
  std::ostream& out_;
};

/// Writes the page with the evaluation's edits to `out`; returns the outcome of each edit.
std::vector<html::EditResult> write_page(const engine::Evaluation& evaluation, const std::string& page,
                                         std::ostream& out) {
  StreamSink sink(out);
  html::Rewriter rewriter(evaluation.engine().rules().selectors(), evaluation.edits(), sink);
  rewriter.write(page);
  rewriter.end();
  return {rewriter.results().begin(), rewriter.results().end()};
}

/// Nothing if no Redis was named.
std::optional<VisitorsRedis> redis_of(const ExplainOptions& options, const plugins::Request& request) {
  if (options.redis.empty()) return std::nullopt;
  if (request.visitor.empty()) throw RedisFailure("--redis: whose profile is it? give --visitor ID");
  auto redis = VisitorsRedis::parse(options.redis);
  if (!redis) throw RedisFailure(redis.error());
  return std::move(*redis);
}

/// Decides for the request, with data from Redis if there is one.
void decide(const engine::json::DescribedRequest& request, std::optional<VisitorsRedis>& redis,
            engine::Evaluation& evaluation) {
  const auto decided = request.decide(evaluation, redis ? redis->asking() : nullptr);
  if (redis && redis->failure()) throw RedisFailure(*redis->failure());
  if (!decided) throw std::runtime_error(decided.error());
}

/// What whoever asks should know of the answer.
std::vector<std::string> notes(const engine::Evaluation& evaluation) {
  const rules::RuleSet& rules = evaluation.engine().rules();
  const bool weather_wanted = std::ranges::any_of(
      rules.used_attributes(), [&](rules::AttributeId id) { return rules.schema()[id].name.starts_with("weather."); });
  if (!evaluation.engine().settings().weather || !weather_wanted) return {};
  for (const char* coordinate : {"geo.latitude", "geo.longitude"})
    if (const auto id = rules.schema().find(coordinate); id && evaluation.context()[*id].missing())
      return {
          "--weather is not used, as the visitor's place is not known: add --set geo.latitude=53.35 "
          "--set geo.longitude=-6.26, or --geo with a database that knows the address's"};
  return {};
}

Recorded::Pairs pairs_of(const std::vector<std::string>& texts, const char* example) {
  Recorded::Pairs pairs;
  pairs.reserve(texts.size());
  for (const std::string& text : texts) pairs.push_back(pair_of(text, '=', example));
  return pairs;
}

void write_json(const Explained& explained, const Recorded& recorded, const Json& logged, std::ostream& out) {
  Json json = engine::json::to_json(explained);
  json["events"] = recorded.to_json();
  json["facts"] = recorded.facts();
  if (!logged.empty()) json["logged"] = logged;
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace

int explain(const ExplainOptions& options, std::istream& in, std::ostream& out, std::ostream& errors) {
  rules::Diagnostics diagnostics;
  rules::load::Sources sources;
  auto engine = engine::Engine::load(options.rules, options.settings, diagnostics, nullptr, &sources);
  for (const rules::Diagnostic& diagnostic : diagnostics) errors << rules::to_string(diagnostic) << '\n';
  if (!engine) return 1;

  try {
    const Json description = read_request(options, in);
    const auto request = engine::json::DescribedRequest::read(description, engine);
    if (!request) throw std::runtime_error(request.error());
    if (!description.contains("url"))
      throw std::runtime_error("which page is it? Give --url https://shop.example/c/tents, or a request that has one");
    std::optional<VisitorsRedis> redis = redis_of(options, (*request)->request());
    const std::string prefix = redis ? redis->prefix() : options.settings.profile_prefix;
    engine::Evaluation evaluation(engine, (*request)->request(), prefix);
    decide(**request, redis, evaluation);

    std::vector<html::EditResult> results;
    const std::string page = options.page.empty() ? std::string() : read_file(options.page, in);
    if (!options.page.empty()) results = write_page(evaluation, page, out);
    std::ostream& explanation = options.page.empty() ? out : errors;
    const Explained explained{evaluation, (*request)->request(), results, sources, notes(evaluation), page};
    const Json logged = description.value("logged", Json::object());
    const Recorded recorded(evaluation, page, pairs_of(options.form, "sku=tide-boots"),
                            pairs_of(options.facts, "order_id=4711"));
    if (options.json) {
      write_json(explained, recorded, logged, explanation);
    } else {
      write_explanation(explained, logged, explanation);
      recorded.write(explanation);
    }
    return 0;
  } catch (const RedisFailure& failure) {
    errors << "personalize: " << failure.what() << '\n';
    return 2;
  } catch (const std::exception& error) {
    errors << "personalize: " << error.what() << '\n';
    return 1;
  }
}

}  // namespace personalize::cli
