// `"%s is %.2f".format([…])` of the `strings` extension.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <memory_resource>
#include <string>
#include <vector>

#include "rules/cel/conversions.h"
#include "rules/cel/functions.h"
#include "rules/text/ascii.h"

namespace personalize::rules::cel {
namespace {

using Args = std::span<const Value>;
constexpr int max_digits = 100;  // after the point

class Formatter {
 public:
  Formatter(Args args, Scope& scope) : args_(args), scope_(scope), out_(&scope.arena) {}

  Value run(std::string_view pattern) {
    for (std::size_t at = 0; at < pattern.size();) {
      const std::size_t percent = std::min(pattern.find('%', at), pattern.size());
      out_.append(pattern.substr(at, percent - at));
      at = percent;
      if (at >= pattern.size()) break;
      if (const char* problem = clause(pattern, ++at)) return Value::error(problem);
      if (!scope_.charge(1)) return over_budget();
    }
    return Value::string(scope_.copy(out_));
  }

 private:
  // `at` is after the percent sign and moves past the clause.
  const char* clause(std::string_view pattern, std::size_t& at) {
    int precision = 6;
    if (at < pattern.size() && pattern[at] == '.') {
      const char* begin = pattern.data() + at + 1;
      const auto [end, status] = std::from_chars(begin, pattern.data() + pattern.size(), precision);
      if (status != std::errc() || precision > max_digits || precision < 0) return "bad precision in format()";
      at += static_cast<std::size_t>(end - begin) + 1;
    }
    if (at >= pattern.size()) return "format() ends in the middle of a clause";
    const char verb = pattern[at++];
    if (verb == '%') {
      out_ += '%';
      return nullptr;
    }
    if (next_ >= args_.size()) return "format() has too few arguments";
    const Value& arg = args_[next_++];
    switch (verb) {
      case 's': return text(arg) ? nullptr : "format() cannot write this as %s";
      case 'd': return decimal(arg) ? nullptr : "format() needs a number for %d";
      case 'f': return real(arg, precision, "%.*f") ? nullptr : "format() needs a number for %f";
      case 'e': return real(arg, precision, "%.*e") ? nullptr : "format() needs a number for %e";
      case 'b': return binary(arg) ? nullptr : "format() needs an integer or bool for %b";
      case 'o': return integer(arg, 8, false) ? nullptr : "format() needs an integer for %o";
      case 'x': return hexadecimal(arg, false) ? nullptr : "format() needs an integer, string or bytes for %x";
      case 'X': return hexadecimal(arg, true) ? nullptr : "format() needs an integer, string or bytes for %X";
      default: return "unknown clause in format()";
    }
  }

  bool text(const Value& v) {
    if (!scope_.charge(1)) return false;
    switch (v.kind()) {
      case Kind::list: return list(v.as_list());
      case Kind::map: return map(v.as_map());
      case Kind::missing:
      case Kind::optional:
      case Kind::error: return false;
      default: break;
    }
    const std::string scalar = scalar_text(v);
    if (!scope_.charge_bytes(scalar.size())) return false;
    out_.append(scalar);
    return true;
  }

  bool list(Args elements) {
    out_ += '[';
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (i > 0) out_ += ", ";
      if (!text(elements[i])) return false;
    }
    out_ += ']';
    return true;
  }

  // Entries in the order of their keys' text.
  bool map(std::span<const MapEntry> entries) {
    std::vector<std::pair<std::string, const Value*>> sorted;
    for (const MapEntry& entry : entries) sorted.emplace_back(scalar_text(entry.key), &entry.value);
    std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    out_ += '{';
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      if (i > 0) out_ += ", ";
      out_.append(sorted[i].first).append(": ");
      if (!text(*sorted[i].second)) return false;
    }
    out_ += '}';
    return true;
  }

  bool decimal(const Value& v) {
    if (v.is(Kind::real)) {
      out_.append(real_text(v.as_real()));
      return true;
    }
    return integer(v, 10, false);
  }

  bool real(const Value& v, int precision, const char* form) {
    double value;
    if (v.is(Kind::real))
      value = v.as_real();
    else if (v.is(Kind::int64))
      value = static_cast<double>(v.as_int64());
    else if (v.is(Kind::uint64))
      value = static_cast<double>(v.as_uint64());
    else
      return false;
    if (!std::isfinite(value)) {
      out_.append(real_text(value));
      return true;
    }
    char buffer[512];  // 309 digits, a point, 100 digits
    const int length = std::snprintf(buffer, sizeof buffer, form, precision, value);
    out_.append(buffer, static_cast<std::size_t>(length));
    return true;
  }

  bool integer(const Value& v, int base, bool upper) {
    char buffer[72];
    std::to_chars_result result{};
    if (v.is(Kind::int64))
      result = std::to_chars(buffer, buffer + sizeof buffer, v.as_int64(), base);
    else if (v.is(Kind::uint64))
      result = std::to_chars(buffer, buffer + sizeof buffer, v.as_uint64(), base);
    else
      return false;
    if (upper)
      std::transform(buffer, result.ptr, buffer, [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
    out_.append(buffer, result.ptr);
    return true;
  }

  bool binary(const Value& v) {
    if (!v.is(Kind::boolean)) return integer(v, 2, false);
    out_ += v.as_bool() ? '1' : '0';
    return true;
  }

  bool hexadecimal(const Value& v, bool upper) {
    if (!v.is(Kind::string) && !v.is(Kind::bytes)) return integer(v, 16, upper);
    if (!scope_.charge_bytes(v.text().size() * 2)) return false;
    for (const char c : v.text()) text::append_hex(out_, c, upper ? text::upper_hex_digits : text::hex_digits);
    return true;
  }

  Args args_;
  Scope& scope_;
  std::pmr::string out_;
  std::size_t next_ = 0;
};

Value format(Args args, Scope& scope) {
  if (!args[0].is(Kind::string) || !args[1].is(Kind::list)) return no_overload();
  if (!scope.charge_bytes(args[0].text().size())) return over_budget();
  return Formatter(args[1].as_list(), scope).run(args[0].text());
}

constexpr Definition format_definitions[] = {{"format", "string.(list<dyn>):string", format}};

}  // namespace

std::span<const Definition> format_functions() { return format_definitions; }

}  // namespace personalize::rules::cel
