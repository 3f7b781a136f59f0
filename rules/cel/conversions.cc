// Conversions between types, `type()` and `dyn()`.
#include "rules/cel/conversions.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>

#include "rules/cel/functions.h"
#include "rules/cel/lexer.h"
#include "rules/cel/timestamps.h"
#include "rules/text/utf8.h"

namespace personalize::rules::cel {
namespace {

using Args = std::span<const Value>;

constexpr double two_to_63 = 9223372036854775808.0;
constexpr double two_to_64 = 18446744073709551616.0;

Value out_of_range() { return Value::error("number is out of range"); }

template <typename T>
bool parse_whole(std::string_view text, T& value) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text[0] == '+') return false;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  return status == std::errc() && end == text.data() + text.size();
}

Value to_int(Args args, Scope&) {
  const Value& v = args[0];
  switch (v.kind()) {
    case Kind::int64: return v;
    case Kind::uint64:
      return v.as_uint64() >> 63 ? out_of_range() : Value::int64(static_cast<std::int64_t>(v.as_uint64()));
    case Kind::real:  // both ends excluded: the doubles next to them may stand for numbers beyond
      if (!(v.as_real() > -two_to_63 && v.as_real() < two_to_63)) return out_of_range();
      return Value::int64(static_cast<std::int64_t>(v.as_real()));
    case Kind::string: {
      std::int64_t value = 0;
      return parse_whole(v.text(), value) ? Value::int64(value) : Value::error("text is not an int");
    }
    case Kind::timestamp: return Value::int64(v.seconds());
    default: return no_overload();
  }
}

Value to_uint(Args args, Scope&) {
  const Value& v = args[0];
  switch (v.kind()) {
    case Kind::uint64: return v;
    case Kind::int64:
      return v.as_int64() < 0 ? out_of_range() : Value::uint64(static_cast<std::uint64_t>(v.as_int64()));
    case Kind::real:
      if (!(v.as_real() >= 0 && v.as_real() < two_to_64)) return out_of_range();
      return Value::uint64(static_cast<std::uint64_t>(v.as_real()));
    case Kind::string: {
      std::uint64_t value = 0;
      return parse_whole(v.text(), value) ? Value::uint64(value) : Value::error("text is not a uint");
    }
    default: return no_overload();
  }
}

bool is_word(std::string_view text, std::string_view lower) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((text[i] | 0x20) != lower[i]) return false;
  }
  return true;
}

Value parse_real(std::string_view text) {
  const bool number = !text.empty() && text.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
  const bool word = is_word(text, "nan") || is_word(text, "inf") || is_word(text, "infinity");
  if ((!number && !word) || text.size() > 400) return Value::error("text is not a double");
  char buffer[401];
  text.copy(buffer, text.size());
  buffer[text.size()] = '\0';
  char* end = nullptr;
  const double value = std::strtod(buffer, &end);
  if (end != buffer + text.size()) return Value::error("text is not a double");
  if (std::isinf(value) && !word) return out_of_range();
  return Value::real(value);
}

Value to_double(Args args, Scope&) {
  const Value& v = args[0];
  switch (v.kind()) {
    case Kind::real: return v;
    case Kind::int64: return Value::real(static_cast<double>(v.as_int64()));
    case Kind::uint64: return Value::real(static_cast<double>(v.as_uint64()));
    case Kind::string: return parse_real(v.text());
    default: return no_overload();
  }
}

Value to_bool(Args args, Scope&) {
  const Value& v = args[0];
  if (v.is(Kind::boolean)) return v;
  if (!v.is(Kind::string)) return no_overload();
  for (const std::string_view word : {"1", "t", "true", "TRUE", "True"}) {
    if (v.text() == word) return Value::boolean(true);
  }
  for (const std::string_view word : {"0", "f", "false", "FALSE", "False"}) {
    if (v.text() == word) return Value::boolean(false);
  }
  return Value::error("text is not a bool");
}

Value to_bytes(Args args, Scope&) {
  if (args[0].is(Kind::bytes)) return args[0];
  return args[0].is(Kind::string) ? Value::bytes(args[0].text()) : no_overload();
}

Value to_text(Args args, Scope& scope) {
  const Value& v = args[0];
  switch (v.kind()) {
    case Kind::string: return v;
    case Kind::bytes:
      if (!scope.charge_bytes(v.text().size())) return over_budget();
      return text::is_valid_utf8(v.text()) ? Value::string(v.text()) : Value::error("bytes are not valid UTF-8");
    case Kind::boolean:
    case Kind::int64:
    case Kind::uint64:
    case Kind::real:
    case Kind::timestamp:
    case Kind::duration: return Value::string(scope.copy(scalar_text(v)));
    default: return no_overload();
  }
}

Value to_timestamp(Args args, Scope&) {
  const Value& v = args[0];
  if (v.is(Kind::timestamp)) return v;
  if (v.is(Kind::int64)) return make_timestamp(v.as_int64(), 0);
  if (!v.is(Kind::string)) return no_overload();
  return parse_timestamp(v.text()).value_or(Value::error("text is not a timestamp like 2026-12-24T18:00:00+01:00"));
}

Value to_duration(Args args, Scope&) {
  const Value& v = args[0];
  if (v.is(Kind::duration)) return v;
  if (!v.is(Kind::string)) return no_overload();
  return parse_duration(v.text()).value_or(Value::error("text is not a duration like 1h30m"));
}

Value type_of(Args args, Scope&) { return Value::type(type_name(args[0].kind())); }
Value to_dyn(Args args, Scope&) { return args[0]; }

constexpr Definition conversion_definitions[] = {
    {"int", "(int):int;(uint):int;(double):int;(string):int;(timestamp):int", to_int},
    {"uint", "(int):uint;(uint):uint;(double):uint;(string):uint", to_uint},
    {"double", "(int):double;(uint):double;(double):double;(string):double", to_double},
    {"bool", "(bool):bool;(string):bool", to_bool},
    {"bytes", "(bytes):bytes;(string):bytes", to_bytes},
    {"string",
     "(string):string;(bytes):string;(bool):string;(int):string;(uint):string;(double):string;(timestamp):"
     "string;"
     "(duration):string",
     to_text},
    {"timestamp", "(timestamp):timestamp;(int):timestamp;(string):timestamp", to_timestamp},
    {"duration", "(duration):duration;(string):duration", to_duration},
    {"type", "(dyn):type", type_of},
    {"dyn", "(dyn):dyn", to_dyn},
};

}  // namespace

std::string_view type_name(Kind kind) {
  switch (kind) {
    case Kind::null: return "null_type";
    case Kind::boolean: return "bool";
    case Kind::int64: return "int";
    case Kind::uint64: return "uint";
    case Kind::real: return "double";
    case Kind::string: return "string";
    case Kind::bytes: return "bytes";
    case Kind::list: return "list";
    case Kind::map: return "map";
    case Kind::timestamp: return "google.protobuf.Timestamp";
    case Kind::duration: return "google.protobuf.Duration";
    case Kind::type: return "type";
    case Kind::optional: return "optional_type";
    case Kind::missing:
    case Kind::error: break;
  }
  return "error";
}

std::string real_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  char text[64];
  const double magnitude = std::fabs(value);
  const auto form =
      value == 0 || (magnitude >= 1e-6 && magnitude < 1e21) ? std::chars_format::fixed : std::chars_format::scientific;
  const auto [end, status] = std::to_chars(text, text + sizeof text, value, form);
  return status == std::errc() ? std::string(text, end) : std::string();
}

std::string scalar_text(const Value& v) {
  switch (v.kind()) {
    case Kind::boolean: return v.as_bool() ? "true" : "false";
    case Kind::int64: return std::to_string(v.as_int64());
    case Kind::uint64: return std::to_string(v.as_uint64());
    case Kind::real: return real_text(v.as_real());
    case Kind::timestamp: return format_timestamp(v);
    case Kind::duration: return format_duration(v);
    case Kind::null: return "null";
    default: return std::string(v.text());
  }
}

std::span<const Definition> conversion_functions() { return conversion_definitions; }

}  // namespace personalize::rules::cel
