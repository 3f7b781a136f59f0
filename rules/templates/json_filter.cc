// `json`: any value, for scripts and data attributes.
#include <charconv>
#include <cmath>
#include <utility>

#include "rules/cel/encoding.h"
#include "rules/cel/timestamps.h"
#include "rules/templates/filters.h"
#include "rules/templates/text_of.h"
#include "rules/text/ascii.h"

namespace personalize::rules::templates {
namespace {

/// Timestamps are RFC 3339, durations seconds, bytes Base64; what JSON has not is null.
class JsonWriter {
 public:
  std::string text;

  void write(const Value& value, int depth = 0) {
    constexpr int deepest = 16;
    switch (depth < deepest ? value.kind() : Kind::null) {
      case Kind::boolean: text += value.as_bool() ? "true" : "false"; return;
      case Kind::int64: return write_number(value.as_int64());
      case Kind::uint64: return write_number(value.as_uint64());
      case Kind::real:
        if (std::isfinite(value.as_real())) return write_number(value.as_real());
        break;
      case Kind::string: return write_quoted(value.text());
      case Kind::bytes: return write_quoted(cel::base64_encode(value.text()));
      case Kind::timestamp:
        if (const auto moment = rfc3339(value)) return write_quoted(*moment);
        break;
      case Kind::duration: {
        const std::string seconds = cel::format_duration(value);
        text.append(seconds, 0, seconds.size() - 1);  // without the unit
        return;
      }
      case Kind::list: return write_list(value.as_list(), depth);
      case Kind::map: return write_map(value.as_map(), depth);
      case Kind::optional: return write(value.as_optional() ? *value.as_optional() : Value(), depth + 1);
      default: break;
    }
    text += "null";
  }

 private:
  void write_quoted(std::string_view value) {
    text += '"';
    for (char c : value) {
      if (c == '"' || c == '\\') text += '\\';
      if (static_cast<unsigned char>(c) >= 0x20) {
        text += c;
      } else {
        text::append_hex(text += "\\u00", c);
      }
    }
    text += '"';
  }

  template <typename Number>
  void write_number(Number number) {
    char buffer[32];
    text.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
  }

  void write_list(std::span<const Value> items, int depth) {
    text += '[';
    for (bool first = true; const Value& item : items) {
      if (!std::exchange(first, false)) text += ',';
      write(item, depth + 1);
    }
    text += ']';
  }

  void write_map(std::span<const MapEntry> entries, int depth) {
    text += '{';
    for (bool first = true; const MapEntry& entry : entries) {
      const bool is_text = entry.key.is(Kind::string);
      if (!is_text && !entry.key.is(Kind::int64) && !entry.key.is(Kind::uint64) && !entry.key.is(Kind::boolean))
        continue;
      if (!std::exchange(first, false)) text += ',';
      if (!is_text) text += '"';  // JSON's keys are all texts
      write(entry.key, depth + 1);
      text += is_text ? ":" : "\":";
      write(entry.value, depth + 1);
    }
    text += '}';
  }
};

class Json : public Filter {
 public:
  std::optional<Type> result(const Type&) const override { return Type{Kind::string}; }
  Value apply(const Value& value, const Locale&, Arena& arena) const override {
    JsonWriter writer;
    writer.write(value);
    return Value::string(copy(arena, writer.text));
  }
};

}  // namespace

std::unique_ptr<const Filter> json_filter() { return std::make_unique<Json>(); }

}  // namespace personalize::rules::templates
