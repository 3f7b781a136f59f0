// String functions: those of the standard and of the `strings` extension. Positions count characters.
#include <algorithm>
#include <cstring>
#include <memory>
#include <memory_resource>
#include <string>
#include <vector>

#include "rules/cel/functions.h"
#include "rules/cel/lexer.h"
#include "rules/cel/text.h"
#include "rules/text/utf8.h"

namespace personalize::rules::cel {
namespace {

using Args = std::span<const Value>;
constexpr std::size_t npos = std::string_view::npos;

bool are_strings(Args args) {
  return std::all_of(args.begin(), args.end(), [](const Value& v) { return v.is(Kind::string); });
}

Value out_of_bounds() { return Value::error("position is out of range"); }

Value kept(Scope& scope, const std::pmr::string& text) { return Value::string(scope.copy(text)); }

Value starts_with(Args args, Scope&) {
  if (!are_strings(args)) return no_overload();
  return Value::boolean(args[0].text().starts_with(args[1].text()));
}

Value ends_with(Args args, Scope&) {
  if (!are_strings(args)) return no_overload();
  return Value::boolean(args[0].text().ends_with(args[1].text()));
}

// The C library's search is linear, the standard library's is not, and both texts may come from outside.
std::size_t position_of(std::string_view text, std::string_view needle, std::size_t from) {
  if (from > text.size()) return npos;
  if (needle.empty()) return from;
  if (from == text.size()) return npos;
  const void* found = memmem(text.data() + from, text.size() - from, needle.data(), needle.size());
  return found ? static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) : npos;
}

Value contains(Args args, Scope& scope) {
  if (!are_strings(args)) return no_overload();
  if (!scope.charge_bytes(args[0].text().size())) return over_budget();
  return Value::boolean(position_of(args[0].text(), args[1].text(), 0) != npos);
}

// A position argument as a byte offset; npos if it is not one.
std::size_t offset_argument(std::string_view text, const Value& position) {
  if (position.as_int64() < 0) return npos;
  return character_offset(text, static_cast<std::size_t>(position.as_int64()));
}

Value char_at(Args args, Scope& scope) {
  if (!args[0].is(Kind::string) || !args[1].is(Kind::int64)) return no_overload();
  const std::string_view text = args[0].text();
  if (!scope.charge_bytes(text.size())) return over_budget();
  const std::size_t offset = offset_argument(text, args[1]);
  if (offset == npos) return out_of_bounds();
  return Value::string(text.substr(offset, next_character(text, offset) - offset));
}

Value index_of(Args args, Scope& scope) {
  if (!are_strings(args.first(2)) || (args.size() > 2 && !args[2].is(Kind::int64))) return no_overload();
  const std::string_view text = args[0].text();
  if (!scope.charge_bytes(text.size() + args[1].text().size())) return over_budget();
  const std::size_t from = args.size() > 2 ? offset_argument(text, args[2]) : 0;
  if (from == npos) return out_of_bounds();
  const std::size_t found = position_of(text, args[1].text(), from);
  if (found == npos) return Value::int64(-1);
  return Value::int64(static_cast<std::int64_t>(count_characters(text.substr(0, found))));
}

Value last_index_of(Args args, Scope& scope) {
  if (!are_strings(args.first(2)) || (args.size() > 2 && !args[2].is(Kind::int64))) return no_overload();
  const std::string_view text = args[0].text();
  if (!scope.charge_bytes(text.size() * (1 + args[1].text().size() / 16))) return over_budget();
  const std::size_t last = args.size() > 2 ? offset_argument(text, args[2]) : npos;
  if (args.size() > 2 && last == npos) return out_of_bounds();
  const std::size_t found = text.rfind(args[1].text(), last);
  if (found == npos) return Value::int64(-1);
  return Value::int64(static_cast<std::int64_t>(count_characters(text.substr(0, found))));
}

Value substring(Args args, Scope& scope) {
  if (!args[0].is(Kind::string) || !args[1].is(Kind::int64)) return no_overload();
  if (args.size() > 2 && !args[2].is(Kind::int64)) return no_overload();
  const std::string_view text = args[0].text();
  if (!scope.charge_bytes(text.size())) return over_budget();
  const std::size_t begin = offset_argument(text, args[1]);
  const std::size_t end = args.size() > 2 ? offset_argument(text, args[2]) : text.size();
  if (begin == npos || end == npos || end < begin) return out_of_bounds();
  return Value::string(text.substr(begin, end - begin));
}

template <char first, char last, int shift>
Value change_case(Args args, Scope& scope) {
  if (!args[0].is(Kind::string)) return no_overload();
  const std::string_view text = args[0].text();
  if (!scope.charge_bytes(text.size())) return over_budget();
  char* memory = scope.allocate<char>(text.size() + 1);
  std::transform(text.begin(), text.end(), memory,
                 [](char c) { return c >= first && c <= last ? static_cast<char>(c + shift) : c; });
  return Value::string({memory, text.size()});
}

Value replace(Args args, Scope& scope) {
  if (!are_strings(args.first(3)) || (args.size() > 3 && !args[3].is(Kind::int64))) return no_overload();
  const std::string_view text = args[0].text();
  const std::string_view from = args[1].text();
  const std::string_view to = args[2].text();
  std::int64_t limit = args.size() > 3 ? args[3].as_int64() : -1;
  std::pmr::string result(&scope.arena);
  std::size_t at = 0;
  while (limit-- != 0) {
    if (!scope.charge(1 + to.size() / 16)) return over_budget();
    const std::size_t found = position_of(text, from, at);
    if (found == npos) break;
    result.append(text, at, found - at).append(to);
    at = found + from.size();
    if (from.empty()) {  // between all characters, and at both ends
      if (at >= text.size()) break;
      const std::size_t next = next_character(text, at);
      result.append(text, at, next - at);
      at = next;
    }
  }
  result.append(text, std::min(at, text.size()));
  return kept(scope, result);
}

Value split(Args args, Scope& scope) {
  if (!are_strings(args.first(2)) || (args.size() > 2 && !args[2].is(Kind::int64))) return no_overload();
  const std::string_view text = args[0].text();
  const std::string_view separator = args[1].text();
  const std::int64_t limit = args.size() > 2 ? args[2].as_int64() : -1;
  if (!scope.charge(1 + text.size())) return over_budget();
  std::pmr::vector<Value> parts(&scope.arena);
  std::size_t at = 0;
  while (limit != 0) {
    const bool last = limit > 0 && parts.size() + 1 >= static_cast<std::size_t>(limit);
    std::size_t end = separator.empty() ? next_character(text, at) : position_of(text, separator, at);
    if (last || end == npos || (separator.empty() && end >= text.size())) end = npos;
    if (end == npos) {
      if (!separator.empty() || at < text.size()) parts.push_back(Value::string(text.substr(at)));
      break;
    }
    parts.push_back(Value::string(text.substr(at, end - at)));
    at = end + separator.size();
  }
  Value* memory = scope.allocate<Value>(parts.size() + 1);
  std::uninitialized_copy(parts.begin(), parts.end(), memory);
  return Value::list({memory, parts.size()});
}

Value join(Args args, Scope& scope) {
  if (!args[0].is(Kind::list) || (args.size() > 1 && !args[1].is(Kind::string))) return no_overload();
  const std::string_view separator = args.size() > 1 ? args[1].text() : std::string_view();
  std::pmr::string result(&scope.arena);
  bool first = true;
  for (const Value& part : args[0].as_list()) {
    if (!part.is(Kind::string)) return no_overload();
    if (!scope.charge(1 + (part.text().size() + separator.size()) / 16)) return over_budget();
    if (!first) result.append(separator);
    result.append(part.text());
    first = false;
  }
  return kept(scope, result);
}

// White space as Unicode's property White_Space has it; the byte length of the character at `at`, or 0.
std::size_t space_length(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (c == ' ' || (c >= '\t' && c <= '\r')) return 1;
  const std::string_view two = text.substr(at, 2);
  if (two == "\xc2\x85" || two == "\xc2\xa0") return 2;
  const std::string_view three = text.substr(at, 3);
  if (three == "\xe1\x9a\x80" || three == "\xe2\x80\xa8" || three == "\xe2\x80\xa9" || three == "\xe2\x80\xaf" ||
      three == "\xe2\x81\x9f" || three == "\xe3\x80\x80") {
    return 3;
  }
  const bool general = three.size() == 3 && three.starts_with("\xe2\x80") &&
                       static_cast<unsigned char>(three[2]) <= 0x8a && static_cast<unsigned char>(three[2]) >= 0x80;
  return general ? 3 : 0;
}

Value trim(Args args, Scope& scope) {
  if (!args[0].is(Kind::string)) return no_overload();
  std::string_view text = args[0].text();
  if (!scope.charge_bytes(text.size())) return over_budget();
  while (!text.empty()) {
    const std::size_t length = space_length(text, 0);
    if (length == 0) break;
    text.remove_prefix(length);
  }
  while (!text.empty()) {
    std::size_t last = text.size() - 1;
    while (last > 0 && is_continuation(text[last])) --last;
    if (space_length(text, last) != text.size() - last) break;
    text.remove_suffix(text.size() - last);
  }
  return Value::string(text);
}

}  // namespace

Value reverse_text(Args args, Scope& scope) {
  const std::string_view text = args[0].text();
  if (!scope.charge_bytes(text.size())) return over_budget();
  char* memory = scope.allocate<char>(text.size() + 1);
  std::size_t to = text.size();
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t next = next_character(text, at);
    to -= next - at;
    text.copy(memory + to, next - at, at);
    at = next;
  }
  return Value::string({memory, text.size()});
}

namespace {

Value quote(Args args, Scope& scope) {
  if (!args[0].is(Kind::string)) return no_overload();
  const std::string_view text = args[0].text();
  if (!scope.charge_bytes(text.size())) return over_budget();
  constexpr std::string_view plain = "\a\b\f\n\r\t\v\\\"";
  constexpr std::string_view letters = "abfnrtv\\\"";
  std::pmr::string result("\"", &scope.arena);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t next = next_character(text, at);
    const std::string_view character = text.substr(at, next - at);
    if (const std::size_t escape = plain.find(text[at]); character.size() == 1 && escape != npos) {
      result += '\\';
      result += letters[escape];
    } else if (text::is_valid_utf8(character)) {
      result.append(character);
    } else {
      result.append("\xef\xbf\xbd");
    }
    at = next;
  }
  result += '"';
  return kept(scope, result);
}

constexpr Definition string_definitions[] = {
    {"startsWith", "string.(string):bool", starts_with},
    {"endsWith", "string.(string):bool", ends_with},
    {"contains", "string.(string):bool", contains},
    {"charAt", "string.(int):string", char_at},
    {"indexOf", "string.(string):int;string.(string,int):int", index_of},
    {"lastIndexOf", "string.(string):int;string.(string,int):int", last_index_of},
    {"substring", "string.(int):string;string.(int,int):string", substring},
    {"lowerAscii", "string.():string", change_case<'A', 'Z', 32>},
    {"upperAscii", "string.():string", change_case<'a', 'z', -32>},
    {"replace", "string.(string,string):string;string.(string,string,int):string", replace},
    {"split", "string.(string):list<string>;string.(string,int):list<string>", split},
    {"join", "list<string>.():string;list<string>.(string):string", join},
    {"trim", "string.():string", trim},
    {"strings.quote", "(string):string", quote},
};

}  // namespace

std::span<const Definition> string_functions() { return string_definitions; }

}  // namespace personalize::rules::cel
