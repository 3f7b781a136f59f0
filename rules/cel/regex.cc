#include "rules/cel/regex.h"

#include <charconv>
#include <memory_resource>
#include <vector>

#include "rules/cel/functions.h"

namespace personalize::rules::cel {
namespace {

using Args = std::span<const Value>;

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(const re2::StringPiece& text) { return {text.data(), text.size()}; }

// A pattern known only at evaluation: compiling it is charged for.
tl::expected<std::unique_ptr<const RE2>, Value> pattern_argument(const Value& pattern, Scope& scope) {
  if (!scope.charge(100 + pattern.text().size() * 4)) return tl::unexpected(over_budget());
  return compile_regex(pattern.text()).map_error([&](const std::string& error) {
    return Value::error(scope.copy(error));
  });
}

Value matches(Args args, Scope& scope) {
  if (!args[0].is(Kind::string) || !args[1].is(Kind::string)) return no_overload();
  if (!scope.charge_bytes(args[0].text().size() * 4)) return over_budget();
  const auto regex = pattern_argument(args[1], scope);
  if (!regex) return regex.error();
  return Value::boolean(RE2::PartialMatch(piece(args[0].text()), **regex));
}

// The whole match, or its group if the pattern has one.
std::vector<std::string_view> find_all(std::string_view text, const RE2& regex, std::size_t limit, Scope& scope) {
  std::vector<std::string_view> found;
  const int groups = regex.NumberOfCapturingGroups() + 1;
  re2::StringPiece parts[2];
  for (std::size_t at = 0; at <= text.size() && found.size() < limit;) {
    if (!scope.charge(1 + (text.size() - at) / 16)) break;
    if (!regex.Match(piece(text), at, text.size(), RE2::UNANCHORED, parts, groups)) break;
    const re2::StringPiece& result = parts[groups - 1];
    if (result.data()) found.push_back(view(result));
    const std::size_t end = static_cast<std::size_t>(parts[0].data() - text.data()) + parts[0].size();
    at = parts[0].empty() ? end + 1 : end;
  }
  return found;
}

Value extract(Args args, Scope& scope) {
  if (!args[0].is(Kind::string) || !args[1].is(Kind::string)) return no_overload();
  const auto regex = pattern_argument(args[1], scope);
  if (!regex) return regex.error();
  if ((*regex)->NumberOfCapturingGroups() > 1) return Value::error("regular expression has more than one group");
  const auto found = find_all(args[0].text(), **regex, 1, scope);
  return Value::optional(found.empty() ? nullptr : scope.box(Value::string(found[0])));
}

Value extract_all(Args args, Scope& scope) {
  if (!args[0].is(Kind::string) || !args[1].is(Kind::string)) return no_overload();
  const auto regex = pattern_argument(args[1], scope);
  if (!regex) return regex.error();
  if ((*regex)->NumberOfCapturingGroups() > 1) return Value::error("regular expression has more than one group");
  const auto found = find_all(args[0].text(), **regex, std::string::npos, scope);
  Value* memory = scope.allocate<Value>(found.size() + 1);
  for (std::size_t i = 0; i < found.size(); ++i) new (&memory[i]) Value(Value::string(found[i]));
  return Value::list({memory, found.size()});
}

Value replace_matches(Args args, Scope& scope) {
  for (const Value& arg : args.first(3)) {
    if (!arg.is(Kind::string)) return no_overload();
  }
  if (args.size() > 3 && !args[3].is(Kind::int64)) return no_overload();
  const auto regex = pattern_argument(args[1], scope);
  if (!regex) return regex.error();
  const std::string_view text = args[0].text();
  const re2::StringPiece rewrite = piece(args[2].text());
  std::string details;
  if (!(*regex)->CheckRewriteString(rewrite, &details)) return Value::error("malformed replacement");
  std::int64_t left = args.size() > 3 ? args[3].as_int64() : -1;
  const int groups = 1 + RE2::MaxSubmatch(rewrite);
  re2::StringPiece parts[10];
  std::string out;
  std::size_t at = 0;
  while (left-- != 0 && at <= text.size()) {
    if (!scope.charge(1 + (text.size() - at + out.size()) / 16)) return over_budget();
    if (!(*regex)->Match(piece(text), at, text.size(), RE2::UNANCHORED, parts, groups)) break;
    const std::size_t begin = static_cast<std::size_t>(parts[0].data() - text.data());
    out.append(text, at, begin - at);
    if (!(*regex)->Rewrite(&out, rewrite, parts, groups)) return Value::error("malformed replacement");
    at = begin + parts[0].size();
    if (parts[0].empty()) {
      if (at < text.size()) out += text[at];
      ++at;
    }
  }
  if (at < text.size()) out.append(text, at);
  return Value::string(scope.copy(out));
}

constexpr Definition regex_definitions[] = {
    {"matches", "string.(string):bool;(string,string):bool", matches},
    {"regex.extract", "(string,string):optional<string>", extract},
    {"regex.extractAll", "(string,string):list<string>", extract_all},
    {"regex.replace", "(string,string,string):string;(string,string,string,int):string", replace_matches},
};

}  // namespace

tl::expected<std::unique_ptr<const RE2>, std::string> compile_regex(std::string_view pattern) {
  if (pattern.size() > max_pattern) return tl::unexpected(std::string("regular expression is too long"));
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  auto regex = std::make_unique<const RE2>(piece(pattern), options);
  if (!regex->ok()) return tl::unexpected("malformed regular expression: " + regex->error());
  return regex;
}

std::span<const Definition> regex_functions() { return regex_definitions; }

}  // namespace personalize::rules::cel
