#include "rules/templates/html_state.h"

#include <algorithm>
#include <array>

#include "html/elements.h"
#include "html/limits.h"
#include "html/tokens/ascii.h"
#include "rules/text/ascii.h"

namespace personalize::rules::templates {
namespace {

using html::ascii_lower;
using html::is_ascii_letter;
using html::is_space;

template <std::size_t n>
bool one_of(std::string_view text, const std::array<std::string_view, n>& names) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

}  // namespace

AttributeKind attribute_kind(std::string_view tag, std::string_view attribute) {
  constexpr std::array<std::string_view, 22> urls = {
      "href",    "src",        "action",   "formaction", "poster",   "cite",  "data",    "xlink:href",
      "ping",    "background", "longdesc", "manifest",   "usemap",   "icon",  "profile", "codebase",
      "classid", "archive",    "dynsrc",   "lowsrc",     "xml:base", "itemid"};
  constexpr std::array<std::string_view, 4> forbidden = {"style", "srcdoc", "srcset", "imagesrcset"};
  constexpr std::array<std::string_view, 7> animated = {"to", "from", "by", "values", "attributename", "begin", "end"};
  constexpr std::array<std::string_view, 5> animations = {"set", "animate", "animatemotion", "animatetransform",
                                                          "animatecolor"};
  constexpr std::array<std::string_view, 7> resources = {"iframe", "frame", "embed", "object", "link", "base", "use"};
  const std::string element = text::ascii_lower(tag);
  const std::string name = text::ascii_lower(attribute);
  if (name.starts_with("on") || one_of(name, forbidden)) return AttributeKind::forbidden;
  if (element == "meta" && name == "content") return AttributeKind::forbidden;  // may be a refresh's address
  if (one_of(element, animations) && one_of(name, animated)) return AttributeKind::forbidden;
  if (!one_of(name, urls)) return AttributeKind::text;
  if (element == "script") return AttributeKind::forbidden;
  return one_of(element, resources) ? AttributeKind::resource : AttributeKind::url;
}

bool is_read_by_people(std::string_view attribute) {
  constexpr std::array<std::string_view, 9> read = {
      "title",           "alt", "placeholder", "label", "summary", "aria-label", "aria-description", "aria-valuetext",
      "aria-placeholder"};
  return one_of(text::ascii_lower(attribute), read);
}

HtmlState HtmlState::in_attribute() {
  HtmlState state;
  state.place_ = Place::value;
  state.quote_ = '"';
  return state;
}

const char* HtmlState::feed(std::string_view text, std::size_t offset) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '<' && place_ == Place::text) since_ = offset + i;
    if (const char* refusal = step(text[i])) {
      refused_at_ = offset + i;
      return refusal;
    }
  }
  return nullptr;
}

void HtmlState::feed_value() {
  if (place_ == Place::value && attribute_ != AttributeKind::text) url_.feed_value();
  if (place_ == Place::tag_open) place_ = Place::text;
  if (place_ == Place::raw_text) script_.feed_value();
  if (place_ == Place::before_value) {
    place_ = Place::value;
    quote_ = 0;
    attribute_ = AttributeKind::text;
  }
}

const char* HtmlState::step(char c) {
  switch (place_) {
    case Place::text:
      if (c == '<') place_ = Place::tag_open;
      return nullptr;
    case Place::tag_open:
      tag_.clear();
      tail_.clear();
      closing_ = self_closing_ = false;
      if (c == '/') {
        place_ = Place::end_tag_open;
      } else if (c == '!' || c == '?') {
        place_ = Place::markup;
        tail_ = c;
      } else if (is_ascii_letter(c)) {
        place_ = Place::tag_name;
        tag_ = ascii_lower(c);
      } else if (c != '<') {
        place_ = Place::text;
      }
      return nullptr;
    case Place::end_tag_open:
      closing_ = true;
      place_ = is_ascii_letter(c) ? Place::tag_name : c == '>' ? Place::text : Place::markup;
      if (place_ == Place::tag_name) tag_ = ascii_lower(c);
      return nullptr;
    case Place::comment:
      tail_ += c;
      if (tail_.size() > 4) tail_.erase(0, 1);
      if (tail_.ends_with("-->") || tail_ == "--!>") place_ = Place::text;
      return nullptr;
    case Place::markup:
      if (tail_ == "![") return "CDATA sections are not supported in templates";
      if (tail_ == "!-" && c == '-') {
        place_ = Place::comment;
        tail_ = "--";  // `<!-->` ends at once
      } else if (c == '>') {
        place_ = Place::text;
      } else {
        tail_ += c;
        if (tail_.size() > 2) tail_ = "..";
      }
      return nullptr;
    case Place::rcdata: return until_end_tag(c);
    case Place::raw_text:
      script_.feed(c);
      if (foreign_ != 0) return until_end_tag(c);
      tail_ += ascii_lower(c);
      if (tail_.size() > tag_.size() + 3) tail_.erase(0, tail_.size() - tag_.size() - 3);
      if (tail_.size() == tag_.size() + 3 && tail_.starts_with("</") &&
          std::string_view(tail_).substr(2, tag_.size()) == tag_ && tag_ != "plaintext" &&
          (is_space(c) || c == '>' || c == '/')) {
        closing_ = true;
        place_ = Place::before_name;
        return step(c);
      }
      return nullptr;
    case Place::value: return in_value(c);
    default: return in_tag(c);
  }
}

/// In text where `<` begins nothing but the end tag of `tag_`.
const char* HtmlState::until_end_tag(char c) {
  if (tail_.empty() ? c == '<' : true) tail_ += ascii_lower(c);
  if (tail_.size() == 2 && tail_ != "</") return "a `<` here must be written &lt;";
  if (tail_.size() > 2 && (is_space(c) || c == '>' || c == '/')) {
    if (tail_.substr(2, tail_.size() - 3) != tag_) return "only the end tag may follow here; write `<` as &lt;";
    closing_ = true;
    place_ = Place::before_name;
    return step(c);
  }
  return nullptr;
}

const char* HtmlState::in_tag(char c) {
  if (c != '>') self_closing_ = c == '/';
  if (place_ == Place::tag_name) {
    if (is_space(c) || c == '/') {
      place_ = Place::before_name;
    } else if (c == '>') {
      end_tag();
    } else {
      tag_ += ascii_lower(c);
    }
    return nullptr;
  }
  if (place_ == Place::after_tag_part) {
    if (!is_space(c) && c != '/' && c != '>') return "a space is needed before an attribute here";
    place_ = Place::before_name;
  }
  if (c == '>' && place_ != Place::before_value) {
    end_tag();
    return nullptr;
  }
  switch (place_) {
    case Place::attribute_name:
      if (c == '=') {
        place_ = Place::before_value;
      } else if (is_space(c)) {
        place_ = Place::after_name;
      } else if (c == '/') {
        place_ = Place::before_name;
      } else {
        name_ += ascii_lower(c);
      }
      return nullptr;
    case Place::after_name:
      if (c == '=') {
        place_ = Place::before_value;
        return nullptr;
      }
      if (c == '/') place_ = Place::before_name;
      [[fallthrough]];
    case Place::before_name:
      if (is_space(c) || c == '/') return nullptr;
      place_ = Place::attribute_name;
      name_ = ascii_lower(c);
      return nullptr;
    default:  // before_value
      if (is_space(c)) return nullptr;
      if (c == '>') return "the attribute has no value";
      place_ = Place::value;
      quote_ = c == '"' || c == '\'' ? c : '\0';
      attribute_ = attribute_kind(tag_, name_);
      url_ = {};
      return quote_ ? nullptr : in_value(c);
  }
}

const char* HtmlState::in_value(char c) {
  if (quote_ ? c == quote_ : is_space(c)) {
    place_ = Place::before_name;
    quote_ = 0;
    return nullptr;
  }
  if (!quote_ && c == '>') {
    end_tag();
    return nullptr;
  }
  if (attribute_ != AttributeKind::url && attribute_ != AttributeKind::resource) return nullptr;
  // A character reference could be part of a scheme.
  if (c == '&' && url_.part() != UrlState::Part::settled) return "an address cannot begin with a character reference";
  return url_.feed(c);
}

void HtmlState::end_tag() {
  tail_.clear();
  name_.clear();
  quote_ = 0;
  place_ = Place::text;
  if (tag_ == "svg" || tag_ == "math") {
    if (closing_) {
      if (foreign_ != 0) --foreign_;
    } else if (!self_closing_ && foreign_ < html::limits::max_content_depth) {
      ++foreign_;
    }
  }
  if (closing_) return;
  const html::TextMode mode = html::text_mode_of(html::tag_name(tag_).id);
  if (mode == html::TextMode::rcdata)
    place_ = Place::rcdata;
  else if (mode != html::TextMode::markup)
    place_ = Place::raw_text;
  script_ = {};
}

std::string HtmlState::key() const {
  const auto number = [](auto value) { return std::to_string(static_cast<int>(value)) + '/'; };
  if (place_ == Place::text) return number(foreign_);
  return number(foreign_) + number(place_) + number(quote_) + number(closing_) + number(attribute_) +
         number(url_.part()) + tag_ + '/' + name_ + '/' + tail_ + '/' + script_.key();
}

std::string HtmlState::describe() const {
  switch (place_) {
    case Place::text: return "in text";
    case Place::tag_open:
    case Place::end_tag_open: return "after a `<`";
    case Place::tag_name: return "in the name of a tag";
    case Place::before_name:
    case Place::after_tag_part:
    case Place::after_name: return "inside the tag `<" + std::string(closing_ ? "/" : "") + tag_ + "`";
    case Place::attribute_name: return "in the name of an attribute";
    case Place::before_value: return "before the value of `" + name_ + "`";
    case Place::value: return name_.empty() ? "inside an attribute" : "inside the value of `" + name_ + "`";
    case Place::comment: return "inside a comment";
    case Place::markup: return "inside a declaration";
    case Place::rcdata: return "inside <" + tag_ + ">";
    case Place::raw_text:
      if (const char* part = tag_ == "script" ? script_.refusal() : nullptr) return part;
      return "inside <" + tag_ + ">";
  }
  return {};
}

bool HtmlState::join(const HtmlState& other) {
  foreign_ = std::max(foreign_, other.foreign_);
  const auto between = [](Place place) {
    return place == Place::tag_name || place == Place::before_name || place == Place::after_name ||
           place == Place::attribute_name || place == Place::after_tag_part;
  };
  if (place_ != other.place_ && between(place_) && between(other.place_) && tag_ == other.tag_ &&
      closing_ == other.closing_) {
    place_ = Place::after_tag_part;
    name_.clear();
    return true;
  }
  if (place_ != other.place_ || quote_ != other.quote_) return false;
  if (place_ == Place::text) return true;
  if (tag_ != other.tag_ || closing_ != other.closing_) return false;
  switch (place_) {
    case Place::value: url_.join(other.url_); return name_ == other.name_ && attribute_ == other.attribute_;
    case Place::raw_text:
      if (tag_ == "script" && !script_.join(other.script_)) return false;
      if (tail_ != other.tail_ && (tail_ + other.tail_).find('<') != std::string::npos) return false;
      if (tail_ != other.tail_) tail_.clear();
      return true;
    case Place::comment:
    case Place::markup:
    case Place::rcdata: return tail_ == other.tail_;
    case Place::attribute_name:
    case Place::after_name:
    case Place::before_value: return name_ == other.name_;
    default: return true;
  }
}

}  // namespace personalize::rules::templates
