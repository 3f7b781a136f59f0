#include "engine/json/request_json.h"

#include <deque>
#include <optional>

#include "engine/json/implications.h"
#include "engine/json/moment.h"
#include "engine/json/supposed_moment.h"
#include "geo/address.h"

namespace personalize::engine::json {
namespace {

/// The members of a description, and what is wrong with the first one that is wrong.
class MemberReader {
 public:
  explicit MemberReader(const Json& json) : json_(json) {}

  std::string text(const char* name, std::string fallback = {}) {
    const auto member = json_.find(name);
    if (member == json_.end()) return fallback;
    if (member->is_string()) return member->get<std::string>();
    refuse(std::string("\"") + name + "\" must be a string");
    return fallback;
  }

  const Json& object(const char* name) {
    static const Json empty = Json::object();
    const auto member = json_.find(name);
    if (member == json_.end()) return empty;
    if (member->is_object()) return *member;
    refuse(std::string("\"") + name + "\" must be an object");
    return empty;
  }

  void refuse(const std::string& why) {
    if (!problem_) problem_ = "request: " + why;
  }
  const std::optional<std::string>& problem() const { return problem_; }

 private:
  const Json& json_;
  std::optional<std::string> problem_;
};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      decoded += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

/// A profile's field as Redis holds it: text.
std::string as_stored(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.dump();
}

/// "profile" of <prefix>{<visitor>}:profile, and "trending" of <prefix>trending.
std::string_view name_of_key(std::string_view key, std::string_view prefix) {
  if (key.starts_with(prefix)) key.remove_prefix(prefix.size());
  const std::size_t end = key.rfind("}:");
  return end == key.npos ? key : key.substr(end + 2);
}

/// What Redis would have sent: text, numbers, null, and arrays of them, which live in `arrays`.
plugins::Reply reply_of(const Json& json, std::deque<std::vector<plugins::Reply>>& arrays) {
  using Kind = plugins::Reply::Kind;
  if (json.is_string()) return {.kind = Kind::string, .text = json.get_ref<const std::string&>()};
  if (json.is_number_integer()) return {.kind = Kind::integer, .integer = json.get<std::int64_t>()};
  if (!json.is_array()) return {.kind = Kind::nil};
  std::vector<plugins::Reply>& elements = arrays.emplace_back();
  for (const Json& element : json) elements.push_back(reply_of(element, arrays));
  return {.kind = Kind::array, .elements = elements};
}

bool is_url(std::string_view text) {
  return text.starts_with('/') || text.starts_with("http://") || text.starts_with("https://");
}

/// "unix:" is what NGINX says of a client that came by a Unix socket.
bool is_address(std::string_view text) { return text == "unix:" || geo::Address::parse(text).has_value(); }

}  // namespace

tl::expected<std::unique_ptr<const DescribedRequest>, std::string> DescribedRequest::read(
    const Json& json, const std::shared_ptr<const Engine>& engine) {
  if (!json.is_object()) return tl::unexpected<std::string>("request: must be a JSON object");
  MemberReader members(json);
  std::unique_ptr<DescribedRequest> described(new DescribedRequest);
  described->url_ = members.text("url", "/");
  described->method_ = members.text("method", "GET");
  if (!is_url(described->url_))
    members.refuse("\"url\" must be one such as https://shop.example/c/tents?page=2, or begin with /");
  described->address_ = members.text("address", "127.0.0.1");
  if (!is_address(described->address_)) members.refuse("\"address\" must be an IP address such as 192.0.2.1");
  std::string& visitor = described->visitor_ = members.text("visitor");
  if (!visitor.empty() && !plugins::valid_visitor_id(visitor))
    members.refuse("\"visitor\" must be 1 to 128 of A-Z a-z 0-9 . _ -");
  described->customer_ = members.text("customer");
  if (!described->customer_.empty() && !plugins::valid_visitor_id(described->customer_))
    members.refuse("\"customer\" must be 1 to 128 of A-Z a-z 0-9 . _ -");
  for (const auto& [name, value] : members.object("headers").items())
    described->headers_.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
  for (const auto& [name, value] : members.object("profile").items())
    described->profile_.emplace_back(name, as_stored(value));
  described->redis_ = members.object("redis");
  described->locations_ = members.object("locations");
  described->has_profile_ = json.contains("profile");
  const bool has_answers = described->has_profile_ || !described->redis_.empty();
  if (has_answers && visitor.empty()) visitor = "visitor";  // a profile belongs to somebody
  members.object("attributes");
  members.object("set");

  described->parse_url();
  plugins::Request& request = described->request_;
  request.method = described->method_;
  request.address = described->address_;
  request.visitor = visitor;
  request.customer = described->customer_;
  const std::string at = members.text("at");
  if (members.problem()) return tl::unexpected(*members.problem());
  const auto moment = at.empty() ? now() : parse_moment(at);
  if (!moment) return tl::unexpected(moment.error());
  request.now_us = *moment;
  described->view_headers();
  if (engine)
    if (auto supposed = described->suppose(json, engine); !supposed) return tl::unexpected(supposed.error());
  return described;
}

void DescribedRequest::view_headers() {
  header_views_.clear();
  for (const auto& [name, value] : headers_) header_views_.push_back({name, value});
  request_.headers = header_views_;
}

/// Changes the request, so that it says what is supposed.
tl::expected<void, std::string> DescribedRequest::suppose(const Json& json,
                                                          const std::shared_ptr<const Engine>& engine) {
  const Json none = Json::object();
  auto read = Suppositions::read(json.value("attributes", none), json.value("set", none), engine->rules().schema());
  if (!read) return tl::unexpected(read.error());
  suppositions_.emplace(std::move(*read));
  add_implications(*suppositions_, engine->rules().settings());

  const auto replace = [&](std::string_view attribute, std::string& own, std::string_view& part) {
    if (const auto text = suppositions_->text(attribute)) part = own = *text;
  };
  replace("request.method", method_, request_.method);
  replace("request.scheme", scheme_, request_.scheme);
  replace("request.host", host_, request_.host);
  replace("request.path", path_, request_.path);
  request_.query = query_ = supposed_query(*suppositions_, request_.query);
  suppose_headers(*suppositions_, headers_);
  view_headers();

  request_.now_us = supposed_now(*suppositions_, request_.now_us);
  if (!supposes_local_time(*suppositions_)) return {};
  const auto moment = supposed_moment(*suppositions_, request_.now_us, zone(engine));
  if (!moment) return tl::unexpected(moment.error());
  request_.now_us = *moment;
  return {};
}

/// Of the visitor's clock.
std::string DescribedRequest::zone(const std::shared_ptr<const Engine>& engine) const {
  if (const auto zone = suppositions_->text("time.zone")) return std::string(*zone);
  Evaluation evaluation(engine, request_);
  assume(evaluation);
  evaluation.resolve();
  const auto id = engine->rules().schema().find(rules::Role::visitor_time_zone);
  const rules::Value known = id ? evaluation.context()[*id] : rules::Value();
  return known.is(rules::Kind::string) ? std::string(known.text()) : engine->settings().default_time_zone;
}

void DescribedRequest::parse_url() {
  std::string_view rest = url_;
  request_.scheme = "https";
  if (const auto scheme_end = rest.find("://"); scheme_end != rest.npos) {
    request_.scheme = rest.substr(0, scheme_end);
    rest.remove_prefix(scheme_end + 3);
    const auto authority = rest.substr(0, rest.find_first_of("/?#"));
    rest.remove_prefix(authority.size());
    const auto host = authority.substr(authority.find('@') == authority.npos ? 0 : authority.find('@') + 1);
    for (char c : host.substr(0, host.rfind(':'))) host_ += (c >= 'A' && c <= 'Z') ? static_cast<char>(c + 32) : c;
  }
  rest = rest.substr(0, rest.find('#'));
  if (const auto question = rest.find('?'); question != rest.npos) {
    request_.query = rest.substr(question + 1);
    rest = rest.substr(0, question);
  }
  path_ = rest.empty() ? "/" : percent_decoded(rest);
  request_.path = path_;
  request_.host = host_;
}

bool DescribedRequest::answer_profile(Evaluation& evaluation, std::size_t index,
                                      std::span<const std::string_view> command) const {
  const std::string_view prefix = evaluation.engine().settings().profile_prefix;
  if (command[0] != "HMGET" || name_of_key(command[1], prefix) != "profile") return false;
  std::vector<plugins::Reply> fields;
  for (std::string_view field : command.subspan(2)) {
    plugins::Reply reply{.kind = plugins::Reply::Kind::nil};
    for (const auto& [name, value] : profile_)
      if (name == field) reply = {.kind = plugins::Reply::Kind::string, .text = value};
    fields.push_back(reply);
  }
  evaluation.receive(index, {.kind = plugins::Reply::Kind::array, .elements = fields});
  return true;
}

bool DescribedRequest::answer_command(Evaluation& evaluation, std::size_t index,
                                      std::span<const std::string_view> command) const {
  std::string text = std::string(command[0]) + ' ' +
                     std::string(name_of_key(command[1], evaluation.engine().settings().profile_prefix));
  for (std::string_view argument : command.subspan(2)) (text += ' ') += argument;
  const auto reply = redis_.find(text);
  if (reply == redis_.end()) return false;
  std::deque<std::vector<plugins::Reply>> arrays;
  evaluation.receive(index, reply_of(*reply, arrays));
  return true;
}

void DescribedRequest::answer_location(Evaluation& evaluation, std::size_t index, const plugins::Fetch& fetch) const {
  std::string asked(fetch.location);
  if (!fetch.query.empty()) (asked += '?') += fetch.query;
  const auto answer = locations_.find(asked);
  if (answer == locations_.end()) return evaluation.fail(index, FetchStatus::unavailable);
  using Kind = plugins::Reply::Kind;
  if (answer->is_null()) return evaluation.receive(index, {.kind = Kind::nil});
  const std::string body = as_stored(*answer);
  evaluation.receive(index, {.kind = Kind::string, .text = body});
}

tl::expected<void, std::string> DescribedRequest::answer(Evaluation& evaluation,
                                                         std::span<const plugins::Fetch> fetches,
                                                         const AskRedis& ask_redis) const {
  const std::size_t before = evaluation.fetches() - fetches.size();
  for (std::size_t i = 0; i < fetches.size(); ++i) {
    if (fetches[i].asks_location()) {
      answer_location(evaluation, before + i, fetches[i]);
      continue;
    }
    const auto command = fetches[i].command;
    const bool described = (has_profile_ || !ask_redis) && answer_profile(evaluation, before + i, command);
    if (described || answer_command(evaluation, before + i, command)) continue;
    if (!ask_redis) {
      evaluation.fail(before + i, FetchStatus::unavailable);
      continue;
    }
    const auto reply = ask_redis(command, evaluation.arena());
    if (!reply) return tl::unexpected(reply.error());
    evaluation.receive_own(before + i, *reply);
  }
  return {};
}

void DescribedRequest::assume(Evaluation& evaluation) const {
  if (!suppositions_) return;
  for (const auto& [id, value] : suppositions_->values()) evaluation.assume(id, value);
  for (const auto& [map, entries] : suppositions_->entries())
    for (const auto& [key, value] : entries) evaluation.assume_entry(map, key, value);
}

tl::expected<void, std::string> DescribedRequest::decide(Evaluation& evaluation, const AskRedis& ask_redis) const {
  assume(evaluation);
  if (auto answered = answer(evaluation, evaluation.resolve(), ask_redis); !answered) return answered;
  if (auto answered = answer(evaluation, evaluation.fetch_content(), ask_redis); !answered) return answered;
  evaluation.decide();
  return {};
}

}  // namespace personalize::engine::json
