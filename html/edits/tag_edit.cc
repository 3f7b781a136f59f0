#include "html/edits/tag_edit.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "html/tokens/ascii.h"
#include "html/tokens/attributes.h"
#include "html/tokens/entities.h"

namespace personalize::html {
namespace {

/// First attribute of that name; offsets are into `tag`.
bool find_attribute(std::string_view tag, std::string_view name, AttributePlace& found, std::size_t& behind_last) {
  const std::size_t begin = attributes_begin(tag);
  AttributeCursor cursor(tag.substr(begin, tag.size() - 1 - begin));
  AttributePlace place;
  bool any = false;
  behind_last = begin;
  while (cursor.next(place)) {
    place.begin += begin;
    place.end += begin;
    place.value_begin += begin;
    behind_last = place.end;
    if (!any && equals_ignoring_case(place.attribute.name, name)) {
      found = place;
      any = true;
    }
  }
  return any;
}

std::string in_quotes(std::string_view value, Encoding encoding) {
  std::string result = "=\"";
  for (char c : value) {
    switch (c) {
      case '&': result += "&amp;"; break;
      case '"': result += "&quot;"; break;
      case '\'': result += "&#39;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      default: result += c; break;
    }
  }
  result += '"';
  std::string scratch;
  return std::string(encoded(result, encoding, scratch));
}

void set_attribute(std::string& tag, std::string_view name, std::string_view value, Encoding encoding) {
  AttributePlace place;
  std::size_t behind_last = 0;
  const std::string text = in_quotes(value, encoding);
  if (find_attribute(tag, name, place, behind_last)) {
    const std::size_t name_end = place.begin + place.attribute.name.size();
    tag.replace(name_end, place.end - name_end, text);
    // Parsers read `<a b="c"d>`, but it should not be written.
    if (const std::size_t next = name_end + text.size(); !ends_tag_name(tag[next])) tag.insert(next, 1, ' ');
    return;
  }
  std::string added = " ";
  added += name;
  added += text;
  if (!ends_tag_name(tag[behind_last])) added += ' ';
  tag.insert(behind_last, added);
}

void remove_attribute(std::string& tag, std::string_view name) {
  AttributePlace place;
  std::size_t behind_last = 0;
  while (find_attribute(tag, name, place, behind_last)) {
    std::size_t begin = place.begin;
    while (is_space(tag[begin - 1])) --begin;
    const bool gap = ends_tag_name(tag[place.end]) && tag[place.end] != '/';
    tag.replace(begin, place.end - begin, gap ? "" : " ");
  }
}

/// Words of a class attribute, in order.
template <class Function>
void for_each_word(std::string_view text, Function function) {
  for (std::size_t at = 0; at < text.size();) {
    while (at < text.size() && is_space(text[at])) ++at;
    const std::size_t begin = at;
    while (at < text.size() && !is_space(text[at])) ++at;
    if (at != begin) function(text.substr(begin, at - begin));
  }
}

bool has_word(std::string_view text, std::string_view wanted) {
  bool found = false;
  for_each_word(text, [&](std::string_view word) { found |= word == wanted; });
  return found;
}

/// `text` as it is, or without words that it repeats: the DOM's `classList` writes none of them again.
std::string without_repetitions(std::string text) {
  std::unordered_set<std::string_view> seen;
  bool repeats = false;
  for_each_word(text, [&](std::string_view word) { repeats |= !seen.insert(word).second; });
  if (!repeats) return text;
  std::string once;
  for_each_word(text, [&](std::string_view word) {
    if (seen.erase(word) == 0) return;
    if (!once.empty()) once += ' ';
    once += word;
  });
  return once;
}

void edit_classes(std::string& tag, const Edit& edit, Encoding encoding) {
  AttributePlace place;
  std::size_t behind_last = 0;
  std::string scratch;
  std::string classes;
  const bool present = find_attribute(tag, "class", place, behind_last);
  if (present) classes = decode_attribute(place.attribute.value, scratch);
  std::string edited;
  if (edit.operation == Operation::add_class) {
    edited = classes;
    for_each_word(edit.value, [&](std::string_view word) {
      if (has_word(edited, word)) return;
      if (!edited.empty() && !is_space(edited.back())) edited += ' ';
      edited += word;
    });
  } else {
    for_each_word(classes, [&](std::string_view word) {
      if (has_word(edit.value, word)) return;
      if (!edited.empty()) edited += ' ';
      edited += word;
    });
    bool any = false;
    for_each_word(classes, [&](std::string_view word) { any |= has_word(edit.value, word); });
    if (!any) edited = classes;
  }
  if (edited != classes) set_attribute(tag, "class", without_repetitions(std::move(edited)), encoding);
}

}  // namespace

bool is_attribute_name(std::string_view name) {
  return !name.empty() && std::ranges::none_of(name, [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || not_in_attribute_names.find(c) != std::string_view::npos;
  });
}

bool is_writable_attribute_name(std::string_view name) {
  return is_attribute_name(name) &&
         std::ranges::all_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x7F; });
}

void edit_tag(std::string& tag, const Edit& edit, Encoding encoding) {
  switch (edit.operation) {
    case Operation::set_attribute: return set_attribute(tag, edit.name, edit.value, encoding);
    case Operation::remove_attribute: return remove_attribute(tag, edit.name);
    default: return edit_classes(tag, edit, encoding);
  }
}

bool can_edit_long_tag(std::string_view attributes, const Edit& edit) {
  if (edit.operation == Operation::set_attribute) return true;
  if (edit.operation == Operation::remove_attribute) return false;
  AttributeCursor cursor(attributes);
  for (AttributePlace place; cursor.next(place);) {
    if (equals_ignoring_case(place.attribute.name, "class")) return true;
  }
  return false;
}

void edit_long_tag(std::string& tag, const Edit& edit, Encoding encoding) {
  const std::size_t begin = attributes_begin(tag);
  std::string known = tag.substr(0, begin + complete_attributes(std::string_view(tag).substr(begin)).size());
  const std::size_t size = known.size();
  known += '>';
  edit_tag(known, edit, encoding);
  if (known.size() == size + 1 && tag.starts_with(known.substr(0, size))) return;
  known.back() = ' ';
  if (size < tag.size() && ends_tag_name(tag[size])) known.pop_back();
  tag.replace(0, size, known);
}

}  // namespace personalize::html
