#include "rules/templates/name_resolver.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "rules/templates/choose_escape.h"
#include "rules/templates/text_of.h"

namespace personalize::rules::templates {
namespace {

std::vector<std::string> split(std::string_view name) {
  std::vector<std::string> parts;
  if (name == ".") return parts;
  for (std::size_t at = 0; at <= name.size();) {
    const std::size_t dot = std::min(name.find('.', at), name.size());
    parts.emplace_back(name.substr(at, dot - at));
    at = dot + 1;
  }
  return parts;
}

std::string_view without_last_part(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);
}

bool is_number(std::string_view part) {
  return !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

tl::expected<Name, NameResolver::Mistake> NameResolver::resolve(const Node& node) {
  Name name;
  name.parts = split(node.text);
  if (!schema_) return name;
  if (auto mistake = find_attribute(node, name)) return tl::unexpected(*std::move(mistake));
  return name;
}

std::optional<NameResolver::Mistake> NameResolver::find_attribute(const Node& node, Name& name) {
  if (name.parts.empty()) {
    if (in_section()) return std::nullopt;
    return Mistake{node.offset, "`.` stands for the value of a section; there is none around it"};
  }
  const Schema& schema = *schema_;
  std::string_view prefix = node.text;
  for (std::size_t parts = name.parts.size(); parts > 0; --parts, prefix = without_last_part(prefix)) {
    if (const auto id = schema.find(prefix)) {
      const Kind kind = schema[*id].type.kind;
      const bool item = kind == Kind::list && parts < name.parts.size() && is_number(name.parts[parts]);
      if (parts < name.parts.size() && kind != Kind::map && kind != Kind::missing && !item)
        return Mistake{node.offset + prefix.size() + 1, in_quotes(prefix) + " is " + to_string(schema[*id].type) +
                                                            " and has no " +
                                                            in_quotes(node.text.substr(prefix.size() + 1))};
      name.attribute = *id;
      name.attribute_parts = parts;
      name.only_root = open_maps_ == 0;
      attributes_.insert(*id);
      if (kind == Kind::map) use_key(name);
      return std::nullopt;
    }
  }
  if (std::string why = schema.late(node.text); !why.empty()) return Mistake{node.offset, std::move(why)};
  if (in_map()) return std::nullopt;
  const std::string_view suggestion = schema.suggestion(node.text);
  return Mistake{node.offset, "unknown attribute " + in_quotes(node.text) +
                                  (suggestion.empty() ? "" : ", did you mean " + std::string(suggestion) + "?")};
}

void NameResolver::use_key(Name& name) {
  std::optional<std::string> key;
  if (name.attribute_parts < name.parts.size())
    key = name.parts[name.attribute_parts] = schema_->key(*name.attribute, name.parts[name.attribute_parts]);
  keys_.emplace(*name.attribute, std::move(key));
}

std::vector<KeyUse> NameResolver::keys() const {
  std::vector<KeyUse> keys;
  keys.reserve(keys_.size());
  for (const auto& [attribute, key] : keys_) keys.push_back({attribute, key});
  return keys;
}

bool NameResolver::opens_map(const Name& name) const {
  if (!schema_ || !name.attribute) return true;
  const Type& type = (*schema_)[*name.attribute].type;
  if (name.attribute_parts < name.parts.size()) return type.element == Kind::missing || type.element == Kind::map;
  if (type.kind == Kind::list) return type.element == Kind::missing || type.element == Kind::map;
  return type.kind == Kind::map || type.kind == Kind::missing;
}

bool NameResolver::is_markup(const Name& name) const {
  return name.attribute && name.attribute_parts == name.parts.size() && (*schema_)[*name.attribute].type.html;
}

std::optional<AttributeId> NameResolver::first_with(std::initializer_list<Role> roles) {
  for (Role role : roles) {
    const auto id = schema_ ? schema_->find(role) : std::nullopt;
    if (!id) continue;
    attributes_.insert(*id);
    return id;
  }
  return std::nullopt;
}

Type NameResolver::type_of(const Name& name) const {
  if (name.parts.empty()) return section_type();
  if (!schema_ || !name.attribute || !name.only_root) return {};
  const Type& type = (*schema_)[*name.attribute].type;
  switch (name.parts.size() - name.attribute_parts) {
    case 0: return type;
    case 1: return {type.element};
    default: return {};
  }
}

bool NameResolver::may_have_times(const Name& name) const {
  const Type type = type_of(name);
  if (type.kind != Kind::missing) return has_times(type);
  if (schema_ && name.attribute && has_times((*schema_)[*name.attribute].type)) return true;
  return std::any_of(section_types_.begin(), section_types_.end(), has_times);
}

void NameResolver::enter_section(const Name* name, bool opens_map) {
  const Type type = name ? type_of(*name) : Type();
  section_types_.push_back(type.kind == Kind::list ? Type{type.element} : type);
  open_maps_ += opens_map;
}

void NameResolver::leave_section(bool opens_map) {
  assert(in_section() && open_maps_ >= opens_map);
  section_types_.pop_back();
  open_maps_ -= opens_map;
}

}  // namespace personalize::rules::templates
