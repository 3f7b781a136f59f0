#include "rules/load/fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_set>

#include "rules/spelling.h"
#include "rules/text/ascii.h"

namespace personalize::rules::load {
namespace {

using yaml::Node;

bool all_scalars(const Node& list) {
  return list.is_list() &&
         std::all_of(list.items.begin(), list.items.end(), [](const Node* item) { return item->is_scalar(); });
}

bool fits(const Node& node, Shapes shapes) {
  switch (node.kind) {
    case Node::Kind::null: return false;
    case Node::Kind::scalar:
      return (shapes & (shape::text | shape::condition)) || ((shapes & shape::integer) && parse_integer(node)) ||
             ((shapes & shape::number) && parse_number(node)) || ((shapes & shape::boolean) && parse_boolean(node));
    case Node::Kind::list:
      // The items of a list are checked one by one where they are read.
      return (shapes & (shape::objects | shape::condition)) || ((shapes & shape::texts) && all_scalars(node));
    case Node::Kind::map: return shapes & (shape::object | shape::named | shape::groups | shape::condition);
  }
  return false;
}

std::string expected(Shapes shapes) {
  std::vector<std::string_view> names;
  if (shapes & shape::text) names.emplace_back("text");
  if (shapes & shape::integer) names.emplace_back("a whole number");
  if (shapes & shape::number) names.emplace_back("a number");
  if (shapes & shape::boolean) names.emplace_back("true or false");
  if (shapes & shape::condition) names.emplace_back("a condition");
  if (shapes & (shape::object | shape::named | shape::groups)) names.emplace_back("a map");
  if (shapes & (shape::texts | shape::objects)) names.emplace_back("a list");
  std::string result(names[0]);
  for (std::size_t i = 1; i < names.size(); ++i) result.append(i + 1 == names.size() ? " or " : ", ").append(names[i]);
  return result;
}

std::string wrong_shape(const Key& key, const Node& node) {
  std::string message = in_quotes(key.name) + " must be " + expected(key.shapes);
  if (node.kind == Node::Kind::null)
    return message + ", not nothing" + (key.shapes & shape::text ? "; if it begins with # it needs quotes" : "");
  if (node.is_scalar()) return message + ", not " + in_quotes(node.text);
  if (node.is_list() && (key.shapes & shape::texts)) return message + " of text";
  return message + ", not " + std::string(describe(node));
}

bool allowed(const Key& key, const Node& value) {
  if (!key.format || key.format->values.empty() || !value.is_scalar()) return true;
  std::string_view text = value.text;
  if (key.shapes == shape::boolean) text = parse_boolean(value).value_or(false) ? "true" : "false";
  return std::find(key.format->values.begin(), key.format->values.end(), text) != key.format->values.end();
}

/// The value, or an item of it, that is none of those that the key allows; null if there is none.
const Node* refused(const Key& key, const Node& value) {
  if (!value.is_list()) return allowed(key, value) ? nullptr : &value;
  const auto item = std::ranges::find_if(value.items, [&](const Node* one) { return !allowed(key, *one); });
  return item == value.items.end() ? nullptr : *item;
}

std::string not_allowed(const Key& key, const Node& value) {
  const auto values = key.format->values;
  std::string message = in_quotes(key.name) + " must be ";
  Nearest nearest(value.text);
  for (std::size_t i = 0; i < values.size(); ++i) {
    message.append(i == 0 ? "" : i + 1 == values.size() ? " or " : ", ").append(values[i]);
    nearest.consider(values[i]);
  }
  return values.size() == 1 ? message : message + ", not " + in_quotes(value.text) + nearest.hint();
}

std::string unknown_key(std::string_view name, const Object& object) {
  Nearest nearest(name);
  for (const Key& key : object.keys) nearest.consider(key.name);
  return "unknown key " + in_quotes(name) + " in " + std::string(object.name) + nearest.hint();
}

}  // namespace

std::string in_quotes(std::string_view name) {
  constexpr std::size_t enough = 80;
  const std::string_view shown = name.substr(0, enough);
  std::string result = "`";
  for (char c : shown) result += c == '\n' || c == '\r' ? ' ' : c;
  // A cut must not leave half a character.
  while (shown.size() < name.size() && result.size() > 1 && (static_cast<unsigned char>(result.back()) & 0x80))
    result.pop_back();
  return result + (shown.size() < name.size() ? "…`" : "`");
}

std::optional<std::int32_t> parse_integer(const Node& node) {
  if (node.quoted) return std::nullopt;
  std::string_view text = node.text;
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int32_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> parse_number(const Node& node) {
  if (node.quoted) return std::nullopt;
  std::string_view text = node.text;
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = result.ec == std::errc() && result.ptr == text.data() + text.size();
  return whole && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::optional<bool> parse_boolean(const Node& node) {
  if (node.quoted) return std::nullopt;
  if (node.text == "true" || node.text == "True" || node.text == "TRUE") return true;
  if (node.text == "false" || node.text == "False" || node.text == "FALSE") return false;
  return std::nullopt;
}

Fields::Fields(const yaml::Document& document, const Node& node, const Object& object, Reports& reports) {
  if (!node.is_map()) {
    reports.add(document.at(node, std::string(object.name) + " must be a map, not " + std::string(describe(node))));
    return;
  }
  std::vector<const Key*> seen;
  for (const auto& [name, value] : node.entries) {
    if (object.extensions && name->text.starts_with(extension_prefix)) continue;
    const auto key = std::find_if(object.keys.begin(), object.keys.end(),
                                  [&, name = name](const Key& k) { return name->is_scalar() && k.name == name->text; });
    if (key == object.keys.end()) {
      reports.add(document.at(*name, name->is_scalar() ? unknown_key(name->text, object) : "a key must be text"));
    } else if (std::find(seen.begin(), seen.end(), &*key) != seen.end()) {
      reports.add(document.at(*name, in_quotes(key->name) + " is there twice"));
    } else {
      seen.push_back(&*key);
      if (!fits(*value, key->shapes)) {
        reports.add(document.at(value->kind == Node::Kind::null ? *name : *value, wrong_shape(*key, *value)));
      } else if (const Node* wrong = refused(*key, *value)) {
        reports.add(document.at(*wrong, not_allowed(*key, *wrong)));
      } else {
        found_.emplace_back(&*key, value);
      }
    }
  }
  for (const Key& key : object.keys)
    if (key.required && std::find(seen.begin(), seen.end(), &key) == seen.end())
      reports.add(document.at(node, std::string(object.name) + " needs " + in_quotes(key.name)));
}

const Node* Fields::find(std::string_view key) const {
  for (const auto& [known, value] : found_)
    if (known->name == key) return value;
  return nullptr;
}

std::string Fields::text(std::string_view key) const {
  const Node* node = find(key);
  return node ? node->text : std::string();
}

std::int32_t Fields::integer(std::string_view key, std::int32_t otherwise) const {
  const Node* node = find(key);
  return node ? parse_integer(*node).value_or(otherwise) : otherwise;
}

bool Fields::boolean(std::string_view key, bool otherwise) const {
  const Node* node = find(key);
  return node ? parse_boolean(*node).value_or(otherwise) : otherwise;
}

std::vector<const Node*> Fields::texts(std::string_view key) const {
  const Node* node = find(key);
  if (!node) return {};
  return node->is_list() ? node->items : std::vector<const Node*>{node};
}

std::vector<const Node*> Fields::objects(std::string_view key) const { return texts(key); }

std::optional<std::string> refuse_name(std::string_view name, bool identifier) {
  if (name.empty()) return "a name is missing";
  if (name.size() > max_name_size)
    return in_quotes(name) + " is longer than " + std::to_string(max_name_size) + " characters";
  const auto allowed = [&](char c) {
    const bool word = text::is_ascii_alphanumeric(c) || c == '_';
    return word || (!identifier && (c == '-' || c == '.'));
  };
  const bool digit_first = identifier && text::is_ascii_digit(name[0]);
  if (digit_first || !std::all_of(name.begin(), name.end(), allowed))
    return in_quotes(name) + " cannot be a name: letters, digits and _" + (identifier ? "" : ", - and .") +
           " are allowed" + (identifier ? ", a digit not at the beginning" : "");
  return std::nullopt;
}

std::vector<std::pair<const Node*, const Node*>> named_entries(const yaml::Document& document, const Node& map,
                                                               bool identifier, Reports& reports) {
  std::vector<std::pair<const Node*, const Node*>> entries;
  std::unordered_set<std::string_view> seen;
  for (const auto& [name, value] : map.entries) {
    const auto refusal = name->is_scalar() ? refuse_name(name->text, identifier) : std::optional("a name must be text");
    if (refusal) {
      reports.add(document.at(*name, *refusal));
    } else if (!seen.insert(name->text).second) {
      reports.add(document.at(*name, in_quotes(name->text) + " is there twice"));
    } else {
      entries.emplace_back(name, value);
    }
  }
  return entries;
}

PagePatterns read_pages(const yaml::Document& document, const Fields& fields, Reports& reports) {
  PagePatterns pages;
  for (const Node* pattern : fields.texts("pages")) {
    if (const auto refusal = PagePatterns::refuse(pattern->text)) {
      reports.add(document.at(*pattern, *refusal));
    } else {
      pages.add(pattern->text);
    }
  }
  return pages;
}

}  // namespace personalize::rules::load
