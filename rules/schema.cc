#include "rules/schema.h"

#include <algorithm>
#include <array>
#include <utility>

#include "rules/spelling.h"
#include "rules/text/ascii.h"

namespace personalize::rules {
namespace {

constexpr std::array<std::pair<std::string_view, Kind>, 9> scalars = {{
    {"string", Kind::string},
    {"int", Kind::int64},
    {"uint", Kind::uint64},
    {"double", Kind::real},
    {"bool", Kind::boolean},
    {"bytes", Kind::bytes},
    {"timestamp", Kind::timestamp},
    {"duration", Kind::duration},
    {"dyn", Kind::missing},
}};

using text::trim;

std::optional<Kind> parse_scalar(std::string_view text) {
  for (const auto& [name, kind] : scalars) {
    if (name == text) return kind;
  }
  return std::nullopt;
}

std::string_view scalar_name(Kind kind) {
  for (const auto& [name, known] : scalars) {
    if (known == kind) return name;
  }
  return "dyn";
}

}  // namespace

std::optional<Type> parse_type(std::string_view text) {
  text = trim(text);
  if (text == "html") return Type{Kind::string, Kind::missing, true};
  if (text == "list") return Type{Kind::list};
  if (text == "map") return Type{Kind::map};
  if (const auto kind = parse_scalar(text)) return Type{*kind};
  if (!text.ends_with('>')) return std::nullopt;
  const auto open = text.find('<');
  if (open == std::string_view::npos) return std::nullopt;
  const std::string_view outer = trim(text.substr(0, open));
  std::string_view inner = text.substr(open + 1, text.size() - open - 2);
  if (outer == "map") {
    const auto comma = inner.find(',');
    if (comma == std::string_view::npos || trim(inner.substr(0, comma)) != "string") return std::nullopt;
    inner.remove_prefix(comma + 1);
  } else if (outer != "list") {
    return std::nullopt;
  }
  const auto element = parse_scalar(trim(inner));
  if (!element) return std::nullopt;
  return Type{outer == "map" ? Kind::map : Kind::list, *element};
}

std::string to_string(const Type& type) {
  if (type.html) return "html";
  const std::string element(scalar_name(type.element));
  if (type.kind == Kind::list) return "list<" + element + ">";
  if (type.kind == Kind::map) return "map<string, " + element + ">";
  return std::string(scalar_name(type.kind));
}

std::string header_key(std::string_view name) {
  std::string key = text::ascii_lower(name);
  std::ranges::replace(key, '_', '-');
  return key;
}

std::optional<AttributeId> Schema::add(std::string_view name, Type type, std::string_view description,
                                       std::span<const std::string_view> values) {
  if (const auto known = find(name)) {
    if (attributes_[*known].type == type) return known;
    return std::nullopt;
  }
  const auto id = static_cast<AttributeId>(attributes_.size());
  attributes_.push_back(
      {std::string(name), type, std::string(description), {values.begin(), values.end()}, !values.empty()});
  index_.emplace(attributes_.back().name, id);
  return id;
}

void Schema::fix_values(AttributeId id, std::vector<std::string> values) {
  assert(id < attributes_.size());
  attributes_[id].values = std::move(values);
  attributes_[id].has_fixed_values = true;
}

std::optional<AttributeId> Schema::find(std::string_view name) const {
  const auto found = index_.find(name);
  if (found == index_.end()) return std::nullopt;
  return found->second;
}

void Schema::add_function(AttributeFunction function) {
  std::erase_if(functions_, [&](const AttributeFunction& known) { return known.name == function.name; });
  functions_.push_back(std::move(function));
}

const AttributeFunction* Schema::find_function(std::string_view name) const {
  const auto found = std::find_if(functions_.begin(), functions_.end(),
                                  [&](const AttributeFunction& function) { return function.name == name; });
  return found == functions_.end() ? nullptr : &*found;
}

ProviderId Schema::add_provider(std::string_view name, bool fills) {
  providers_.push_back({std::string(name), fills});
  return static_cast<ProviderId>(providers_.size() - 1);
}

std::optional<ProviderId> Schema::find_provider(std::string_view name) const {
  const auto found = std::ranges::find(providers_, name, &Provider::name);
  if (found == providers_.end()) return std::nullopt;
  return static_cast<ProviderId>(found - providers_.begin());
}

std::string Schema::late(std::string_view name) const {
  const auto names = [name](const std::string& known) {
    return name.starts_with(known) && (name.size() == known.size() || name[known.size()] == '.');
  };
  const auto found = std::ranges::find_if(late_, names);
  if (found == late_.end()) return {};
  return *found + " is known only when the page is over: only `events` can use it, so that a page is the same " +
         "whether it is edited while it passes or put together";
}

std::string_view Schema::suggestion(std::string_view name) const {
  Nearest nearest(name);
  for (const auto& attribute : attributes_) nearest.consider(attribute.name);
  if (!nearest.result().empty()) return nearest.result();
  // The right name in the wrong namespace, or without one: `country` for `geo.country`.
  const std::string_view last = name.substr(name.rfind('.') + 1);
  for (const auto& attribute : attributes_) {
    const std::string_view own = attribute.name;
    if (own.substr(own.rfind('.') + 1) == last) return own;
  }
  return {};
}

}  // namespace personalize::rules
