#include "rules/templates/filters.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <type_traits>
#include <utility>

#include "rules/spelling.h"
#include "rules/text/ascii.h"
#include "rules/text/utf8.h"

namespace personalize::rules::templates {
namespace {

Value in_arena(Arena& arena, std::string_view text) { return Value::string(copy(arena, text)); }

/// `default: "text"`: stands in for what is not known or empty.
class Default : public Filter {
 public:
  explicit Default(std::string text) : text_(std::move(text)) {}
  Value apply(const Value& value, const Locale&, Arena&) const override {
    const bool empty = value.missing() || value.is(Kind::null) || (value.is(Kind::string) && value.text().empty());
    return empty ? Value::string(text_) : value;
  }

 private:
  std::string text_;
};

/// `truncate: 40`: cuts text to that many characters, the last of them an ellipsis.
class Truncate : public Filter {
 public:
  explicit Truncate(std::size_t most) : most_(most) {}
  Value apply(const Value& value, const Locale&, Arena& arena) const override {
    if (!value.is(Kind::string) || text::code_points(value.text()) <= most_) return value;
    std::size_t end = 0;
    for (std::size_t left = most_ - 1; left > 0; --left) do
        ++end;
      while (end < value.text().size() && text::continues_code_point(value.text()[end]));
    return in_arena(arena, std::string(value.text().substr(0, end)) + "…");
  }

 private:
  std::size_t most_;
};

/// `join: " / "`: the texts of a list.
class Join : public Filter {
 public:
  explicit Join(std::string separator) : separator_(std::move(separator)) {}
  Value apply(const Value& value, const Locale&, Arena& arena) const override {
    if (!value.is(Kind::list)) return value;
    std::string text;
    for (const Value& item : value.as_list()) {
      if (!item.is(Kind::string)) continue;
      text.append(text.empty() ? "" : separator_).append(item.text());
    }
    return in_arena(arena, text);
  }

 private:
  std::string separator_;
};

/// `size`: the number of entries.
class Size : public Filter {
 public:
  Value apply(const Value& value, const Locale&, Arena&) const override {
    switch (value.kind()) {
      case Kind::list: return Value::int64(static_cast<std::int64_t>(value.as_list().size()));
      case Kind::map: return Value::int64(static_cast<std::int64_t>(value.as_map().size()));
      case Kind::string: return Value::int64(static_cast<std::int64_t>(text::code_points(value.text())));
      default: return {};
    }
  }
};

/// `json`: for scripts and data attributes.
class Json : public Filter {
 public:
  bool is_json() const override { return true; }
  Value apply(const Value& value, const Locale&, Arena& arena) const override {
    std::string text;
    append(value, text, 0);
    return in_arena(arena, text);
  }

 private:
  static constexpr int deepest = 16;

  static void append_quoted(std::string_view value, std::string& out) {
    out += '"';
    for (char c : value) {
      if (c == '"' || c == '\\') out += '\\';
      if (static_cast<unsigned char>(c) >= 0x20) {
        out += c;
      } else {
        text::append_hex(out += "\\u00", c);
      }
    }
    out += '"';
  }

  template <typename Number>
  static void append_number(Number number, std::string& out) {
    char buffer[32];
    out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
  }

  static void append(const Value& value, std::string& out, int depth) {
    switch (depth < deepest ? value.kind() : Kind::null) {
      case Kind::boolean: out += value.as_bool() ? "true" : "false"; return;
      case Kind::int64: return append_number(value.as_int64(), out);
      case Kind::uint64: return append_number(value.as_uint64(), out);
      case Kind::real:
        if (value.as_real() - value.as_real() == 0) return append_number(value.as_real(), out);
        break;  // JSON knows no infinity
      case Kind::string: return append_quoted(value.text(), out);
      case Kind::list: {
        out += '[';
        for (bool first = true; const Value& item : value.as_list()) {
          if (!std::exchange(first, false)) out += ',';
          append(item, out, depth + 1);
        }
        out += ']';
        return;
      }
      case Kind::map: {
        out += '{';
        bool first = true;
        for (const MapEntry& entry : value.as_map()) {
          if (!entry.key.is(Kind::string)) continue;
          if (!std::exchange(first, false)) out += ',';
          append_quoted(entry.key.text(), out);
          out += ':';
          append(entry.value, out, depth + 1);
        }
        out += '}';
        return;
      }
      default: break;
    }
    out += "null";
  }
};

template <typename Made>
MadeFilter make_plain(const FilterCall& call) {
  if constexpr (std::is_default_constructible_v<Made>) {
    return std::make_unique<Made>();
  } else {
    return std::make_unique<Made>(call.arguments[0]);
  }
}

MadeFilter make_truncate(const FilterCall& call) {
  const std::string& text = call.arguments[0];
  std::size_t most = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), most);
  if (parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && most > 0 && most < 1'000'000)
    return std::make_unique<Truncate>(most);
  return tl::unexpected(std::string("truncate needs a number of characters: truncate: 40"));
}

constexpr FilterDefinition plain_filters[] = {
    {"default", 1, 1, "default: \"text\"", make_plain<Default>},
    {"join", 1, 1, "join: \", \"", make_plain<Join>},
    {"json", 0, 0, "json", make_plain<Json>},
    {"size", 0, 0, "size", make_plain<Size>},
    {"truncate", 1, 1, "truncate: 40", make_truncate},
};

}  // namespace

std::vector<std::string_view> filter_names() {
  std::vector<std::string_view> names;
  for (const auto& table : {std::span<const FilterDefinition>(plain_filters), localized_filters()})
    for (const FilterDefinition& definition : table) names.push_back(definition.name);
  return names;
}

MadeFilter make_filter(const FilterCall& call) {
  Nearest nearest(call.name);
  for (const auto& table : {std::span<const FilterDefinition>(plain_filters), localized_filters()}) {
    for (const FilterDefinition& definition : table) {
      nearest.consider(definition.name);
      if (definition.name != call.name) continue;
      const std::size_t count = call.arguments.size();
      if (count >= definition.min_arguments && count <= definition.max_arguments) return definition.make(call);
      return tl::unexpected(definition.usage.empty() ? "`" + std::string(call.name) + "` takes no argument"
                                                     : "write it like this: " + std::string(definition.usage));
    }
  }
  return tl::unexpected("unknown filter `" + std::string(call.name) + "`" + nearest.hint());
}

}  // namespace personalize::rules::templates
