#include "cli/access_log.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <istream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "rules/cel/timestamps.h"
#include "rules/text/utf8.h"

namespace personalize::cli {
namespace {

std::string logged_text(const Json& line, const char* name) {
  const auto member = line.find(name);
  return member != line.end() && member->is_string() ? member->get<std::string>() : std::string();
}

Json request_of_json(const Json& line) {
  if (!line.contains("url"))
    throw std::runtime_error("log line: it has no \"url\"; log with the format `personalize` of docs/explain.md");
  Json request = Json::object();
  for (const char* name : {"url", "method", "address"})
    if (std::string text = logged_text(line, name); !text.empty()) request[name] = std::move(text);
  if (std::string time = logged_text(line, "time"); !time.empty()) request["at"] = std::move(time);
  if (const auto headers = line.find("headers"); headers != line.end() && headers->is_object())
    for (const auto& [name, value] : headers->items())
      if (value.is_string() && !value.get_ref<const std::string&>().empty()) request["headers"][name] = value;
  for (const char* name : {"decisions", "version", "profile"})
    if (line.contains(name)) request["logged"][name] = logged_text(line, name);
  return request;
}

/// The fields of a line in the combined format, one after the other.
class CombinedLine {
 public:
  explicit CombinedLine(std::string_view line) : rest_(line) {}

  std::string_view word() { return until(' '); }
  /// In brackets or quotes.
  std::string enclosed(char open, char close) {
    if (rest_.empty() || rest_[0] != open) throw wrong();
    rest_.remove_prefix(1);
    const std::string_view text = until(close);
    if (rest_.starts_with(' ')) rest_.remove_prefix(1);
    return unescaped(text);
  }
  static std::runtime_error wrong() {
    return std::runtime_error("log line: neither JSON nor the combined format; see docs/explain.md");
  }

 private:
  std::string_view until(char end) {
    const std::size_t at = rest_.find(end);
    if (at == rest_.npos) throw wrong();
    const std::string_view text = rest_.substr(0, at);
    rest_.remove_prefix(at + 1);
    return text;
  }

  /// NGINX escapes what could break a line as \x0A, in upper case.
  static std::string unescaped(std::string_view text) {
    const auto digit = [](char c) {
      if (c >= '0' && c <= '9') return c - '0';
      return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    };
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool escape = text.substr(i, 2) == "\\x" && i + 3 < text.size();
      const int high = escape ? digit(text[i + 2]) : -1;
      const int low = escape ? digit(text[i + 3]) : -1;
      if (high >= 0 && low >= 0) {
        result += static_cast<char>(high * 16 + low);
        i += 3;
      } else {
        result += text[i];
      }
    }
    return result == "-" ? std::string() : result;
  }

  std::string_view rest_;
};

/// "24/Dec/2026:18:00:00 +0100" as request files have it: "2026-12-24T17:00:00Z".
std::string moment(const std::string& time_local) {
  static const RE2 form(R"((\d\d)/(\w{3})/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d))");
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  std::string day, month, year, time, hours, minutes;
  if (!RE2::FullMatch(time_local, form, &day, &month, &year, &time, &hours, &minutes)) throw CombinedLine::wrong();
  const std::size_t at = months.find(month);
  if (at == months.npos || at % 3 != 0) throw CombinedLine::wrong();
  const auto moment =
      rules::cel::parse_timestamp(fmt::format("{}-{:02}-{}T{}{}:{}", year, at / 3 + 1, day, time, hours, minutes));
  if (!moment) throw CombinedLine::wrong();
  return rules::cel::format_timestamp(*moment);
}

// $remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"
Json request_of_combined(std::string_view text) {
  CombinedLine line(text);
  Json request = Json::object();
  request["address"] = line.word();
  line.word();
  line.word();
  request["at"] = moment(line.enclosed('[', ']'));
  const std::string first = line.enclosed('"', '"');
  const std::size_t method_end = first.find(' ');
  const std::size_t url_end = first.rfind(' ');
  if (method_end == first.npos || url_end <= method_end) throw CombinedLine::wrong();
  request["method"] = first.substr(0, method_end);
  request["url"] = first.substr(method_end + 1, url_end - method_end - 1);
  line.word();
  line.word();
  if (std::string referer = line.enclosed('"', '"'); !referer.empty())
    request["headers"]["Referer"] = std::move(referer);
  if (std::string agent = line.enclosed('"', '"'); !agent.empty()) request["headers"]["User-Agent"] = std::move(agent);
  return request;
}

/// NGINX writes header bytes as they came; JSON is UTF-8.
std::string as_utf8(std::string_view line) {
  std::string text(line);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t invalid = rules::text::first_invalid_utf8(std::string_view(text).substr(at));
    if (invalid == std::string_view::npos) break;
    at += invalid;
    text[at++] = '?';
  }
  return text;
}

}  // namespace

std::string log_line(std::istream& log, std::size_t number) {
  std::string line, last;
  for (std::size_t at = 1; std::getline(log, line); ++at) {
    if (at == number) return line;
    if (!line.empty()) last.swap(line);
  }
  if (number || last.empty())
    throw std::runtime_error(number ? "the log has no line " + std::to_string(number) : "the log is empty");
  return last;
}

Json request_of_log_line(std::string_view line) {
  if (!line.starts_with('{')) return request_of_combined(line);
  try {
    return request_of_json(Json::parse(as_utf8(line)));
  } catch (const Json::exception& error) {
    throw std::runtime_error("log line: " + std::string(error.what()));
  }
}

}  // namespace personalize::cli
