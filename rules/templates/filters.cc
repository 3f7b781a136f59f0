#include "rules/templates/filters.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>
#include <type_traits>
#include <utility>

#include "rules/spelling.h"
#include "rules/templates/text_of.h"
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

/// `join: " / "`: the texts of what is in a list.
class Join : public Filter {
 public:
  explicit Join(std::string separator) : separator_(std::move(separator)) {}
  std::optional<Type> result(const Type& type) const override {
    return type.kind == Kind::list && type.element != Kind::bytes ? Type{Kind::string} : type;
  }
  Value apply(const Value& value, const Locale& locale, Arena& arena) const override {
    if (!value.is(Kind::list)) return value;
    std::string text;
    for (const Value& item : value.as_list()) {
      const auto written = item.is(Kind::list) ? std::nullopt : text_of(item, locale, arena);
      if (written) text.append(text.empty() ? "" : separator_).append(*written);
    }
    return in_arena(arena, text);
  }

 private:
  std::string separator_;
};

/// `size`: the number of entries.
class Size : public Filter {
 public:
  std::optional<Type> result(const Type& type) const override {
    const bool counted = type.kind == Kind::list || type.kind == Kind::map || type.kind == Kind::string;
    return counted || type.kind == Kind::missing ? std::optional(Type{Kind::int64}) : std::nullopt;
  }
  Value apply(const Value& value, const Locale&, Arena&) const override {
    switch (value.kind()) {
      case Kind::list: return Value::int64(static_cast<std::int64_t>(value.as_list().size()));
      case Kind::map: return Value::int64(static_cast<std::int64_t>(value.as_map().size()));
      case Kind::string: return Value::int64(static_cast<std::int64_t>(text::code_points(value.text())));
      default: return {};
    }
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

MadeFilter make_json(const FilterCall&) { return json_filter(); }

constexpr FilterDefinition plain[] = {
    {"default", 1, 1, "default: \"text\"", make_plain<Default>},
    {"join", 1, 1, "join: \", \"", make_plain<Join>},
    {"json", 0, 0, "json", make_json},
    {"size", 0, 0, "size", make_plain<Size>},
    {"truncate", 1, 1, "truncate: 40", make_truncate},
};

std::vector<FilterDefinition> all_filters() {
  std::vector<FilterDefinition> all;
  for (const auto& table :
       {std::span<const FilterDefinition>(plain), number_filters(), date_filters(), letter_filters()})
    all.insert(all.end(), table.begin(), table.end());
  return all;
}

}  // namespace

std::vector<std::string_view> filter_names() {
  std::vector<std::string_view> names;
  for (const FilterDefinition& definition : all_filters()) names.push_back(definition.name);
  return names;
}

MadeFilter make_filter(const FilterCall& call) {
  Nearest nearest(call.name);
  for (const FilterDefinition& definition : all_filters()) {
    nearest.consider(definition.name);
    if (definition.name != call.name) continue;
    const std::size_t count = call.arguments.size();
    if (count >= definition.min_arguments && count <= definition.max_arguments) return definition.make(call);
    return tl::unexpected(definition.usage.empty() ? "`" + std::string(call.name) + "` takes no argument"
                                                   : "write it like this: " + std::string(definition.usage));
  }
  return tl::unexpected("unknown filter `" + std::string(call.name) + "`" + nearest.hint());
}

}  // namespace personalize::rules::templates
