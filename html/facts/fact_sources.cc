// What the matching elements of a page say.
#include <algorithm>
#include <array>

#include "html/facts/page_fact_reader.h"
#include "html/tokens/ascii.h"
#include "html/tokens/entities.h"

namespace personalize::html {
namespace {

using enum TagId;

std::string lowered_text(std::string_view raw) {
  std::string scratch;
  std::string text(decode_attribute(raw, scratch));
  for (char& c : text) c = ascii_lower(c);
  return text;
}

/// The names of fields that say which product a form is about. With `[…]` around it, as in PHP: the last word counts.
constexpr std::array<std::string_view, 25> product_fields = {"add-to-cart", "article",     "article_id",
                                                             "articleid",   "ean",         "gtin",
                                                             "id",          "id_product",  "id_product_attribute",
                                                             "item",        "item_id",     "itemid",
                                                             "mpn",         "pid",         "product",
                                                             "product-id",  "product_id",  "product_sku",
                                                             "productid",   "products_id", "referencedid",
                                                             "sku",         "variant_id",  "variantid",
                                                             "variation_id"};

/// "sku" of `lineItems[4711][sku]`, in lower case.
std::string last_word(std::string_view raw) {
  std::string name = lowered_text(raw);
  if (!name.ends_with(']')) return name;
  name.pop_back();
  const std::size_t bracket = name.rfind('[');
  return bracket == std::string::npos ? name : name.substr(bracket + 1);
}

bool names_product(std::string_view raw) {
  return std::ranges::find(product_fields, last_word(raw)) != product_fields.end();
}

/// The attribute that has the value of a property, by HTML's rules for microdata.
std::string_view value_attribute(TagId id) {
  switch (id) {
    case meta: return "content";
    case audio:
    case embed:
    case iframe:
    case img:
    case source:
    case track:
    case video: return "src";
    case TagId::a:
    case area:
    case link: return "href";
    case object: return "data";
    case TagId::data:
    case meter: return "value";
    case time: return "datetime";
    default: return {};
  }
}

}  // namespace

const RawAttribute* PageFactReader::attribute(std::string_view name) const {
  const auto found = std::ranges::find_if(
      attributes_, [name](const RawAttribute& each) { return equals_ignoring_case(each.name, name); });
  return found == attributes_.end() ? nullptr : &*found;
}

std::string_view PageFactReader::value_of(std::string_view name) const {
  const RawAttribute* const found = attribute(name);
  return found != nullptr ? found->value : std::string_view();
}

void PageFactReader::take(std::span<const Match> matches, Element& element) {
  for (const Match& match : matches) {
    switch (match.slot) {
      case FactSet::script: take_script(element); break;
      case FactSet::meta: take_meta(); break;
      case FactSet::link: take_link(); break;
      case FactSet::microdata: take_microdata(element); break;
      case FactSet::form: ++forms_; break;
      case FactSet::field: take_field(); break;
      default: take_declared(match.slot - FactSet::source_count, element); break;
    }
  }
}

void PageFactReader::take_declared(std::size_t fact, Element& element) {
  const FactDeclaration& declaration = set_.declarations()[fact];
  if (declaration.count) return facts_.count(fact);
  if (!facts_.begin(fact)) return;
  if (declaration.attribute.empty()) {
    take_text(fact, element);
  } else if (const RawAttribute* const found = attribute(declaration.attribute)) {
    facts_.set(fact, RawValue::Kind::attribute, found->value);
  } else if (element.tag.too_long) {
    facts_.ignore(fact);
  }
}

void PageFactReader::take_text(std::size_t fact, Element& element) {
  if (!tree_.inserted().open) return facts_.set(fact, RawValue::Kind::text, {});
  TextCaptures::Capture* const capture = capture_of(element, CollectedFacts::max_raw_fact_bytes);
  if (capture == nullptr) return facts_.ignore(fact);
  capture->facts.push_back(static_cast<std::uint32_t>(fact));
  capture->with_struck = true;
}

void PageFactReader::take_script(Element& element) {
  if (tree_.inserted().name_space != Namespace::html) return;
  const std::string type = lowered_text(value_of("type"));
  const std::string_view essence = std::string_view(type).substr(0, type.find(';'));
  const std::size_t begin = essence.find_first_not_of(" \t\n\f\r");
  if (begin == std::string_view::npos) return;
  const std::size_t end = essence.find_last_not_of(" \t\n\f\r") + 1;
  if (essence.substr(begin, end - begin) != "application/ld+json") return;
  TextCaptures::Capture* const capture = capture_of(element, facts_.room_for_ld_json());
  if (capture == nullptr) return facts_.ignore(PageFacts::ignored_ld_json);
  capture->content = TextCaptures::Content::script;
  capture->limit = facts_.room_for_ld_json();
}

void PageFactReader::take_meta() {
  const RawAttribute* const content = attribute("content");
  if (content == nullptr) return;
  const RawAttribute* const property = attribute("property");
  const std::string_view name = property != nullptr ? property->value : value_of("name");
  const std::string lower = lowered_text(name);
  for (const std::string_view prefix : {"og:", "product:", "article:", "video:"}) {
    if (lower.starts_with(prefix)) return facts_.add_meta(lower, content->value);
  }
}

void PageFactReader::take_link() {
  if (attribute("href") == nullptr) return;
  const std::string relations = ' ' + lowered_text(value_of("rel")) + ' ';
  if (relations.find(" canonical ") != std::string::npos) facts_.set_canonical(value_of("href"));
}

void PageFactReader::take_field() {
  const std::string_view name = value_of("name");
  if (!names_product(name)) return;
  const std::string type = lowered_text(value_of("type"));
  const bool chosen = (type != "radio" && type != "checkbox") || attribute("checked") != nullptr;
  if (chosen) facts_.add_field(tree_.in_form() ? forms_ : 0, last_word(name), value_of("value"));
}

void PageFactReader::take_microdata(Element& element) {
  if (attribute("itemscope") == nullptr) return take_property(element);
  const std::uint32_t parent = open_items_.empty() ? none : open_items_.back().item;
  const ItemAttributes attributes{value_of("itemprop"), value_of("itemtype"), value_of("itemid"), value_of("itemref"),
                                  value_of("id")};
  // The properties of an item that there is no room for belong to no other.
  const std::uint32_t item = facts_.add_item(parent, attributes);
  if (!tree_.inserted().open) return;
  element.watched.has_item = true;
  element.watched.item = item;
}

void PageFactReader::take_property(Element& element) {
  const bool alone = open_items_.empty();
  if (alone && attribute("id") == nullptr) return;
  const std::uint32_t item = alone ? none : open_items_.back().item;
  if (!alone && item == none) return;
  const std::string_view name = value_of("itemprop");
  if (name.empty()) return;
  const Inserted& inserted = tree_.inserted();
  const std::string_view named = value_attribute(inserted.name.id);
  // Shops say so on any element, and search engines read it, whatever HTML's rules are.
  const RawAttribute* value = attribute("content");
  if (value == nullptr && !named.empty()) value = attribute(named);
  if (value == nullptr && (!inserted.open || element.tag.too_long)) return;
  const std::uint32_t property = facts_.add_property(item, name, value_of("id"));
  if (property == none) return;
  if (value != nullptr)
    facts_.set_property(property, RawValue::Kind::attribute, value->value);
  else if (TextCaptures::Capture* const capture = capture_of(element, limits::max_page_value)) {
    capture->property = property;
    capture->with_struck = !capture->facts.empty();
  } else {
    facts_.ignore(PageFacts::ignored_microdata);
  }
}

/// The capture of the current element's text, in which values of up to `limit` bytes fit; null if too many are open.
TextCaptures::Capture* PageFactReader::capture_of(Element& element, std::size_t limit) {
  std::size_t& capture = element.watched.capture;
  if (capture == TextCaptures::none) capture = captures_.begin(content_of_current(), limit);
  if (capture == TextCaptures::none) return nullptr;
  captures_[capture].limit = std::max(captures_[capture].limit, limit);
  return &captures_[capture];
}

TextCaptures::Content PageFactReader::content_of_current() const {
  const TextMode mode = tree_.text_mode();
  const bool raw = mode == TextMode::rawtext || mode == TextMode::script;
  return raw ? TextCaptures::Content::raw : TextCaptures::Content::shown;
}

void PageFactReader::use(const TextCaptures::Capture& capture) {
  using enum TextCaptures::Content;
  if (capture.content == script) {
    facts_.add_ld_json(capture.bytes);
    if (capture.overflowed) facts_.ignore(PageFacts::ignored_ld_json);
  }
  const RawValue::Kind kind = capture.content == shown ? RawValue::Kind::text : RawValue::Kind::verbatim;
  for (const std::uint32_t fact : capture.facts) {
    if (capture.overflowed)
      facts_.ignore(fact);
    else
      facts_.set(fact, kind, capture.bytes);
  }
  if (capture.property == none) return;
  if (capture.overflowed)
    facts_.ignore(PageFacts::ignored_microdata);
  else
    facts_.set_property(capture.property, kind, capture.bytes);
}

}  // namespace personalize::html
