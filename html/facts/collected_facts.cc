#include "html/facts/collected_facts.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "html/facts/page_text.h"
#include "html/limits.h"
#include "html/tokens/ascii.h"
#include "html/tokens/encoding.h"
#include "html/tokens/entities.h"

namespace personalize::html {
namespace {

/// Spaces around text mean nothing, also those that stay where lines are broken.
std::string_view without_spaces_around(std::string_view text) {
  constexpr std::string_view hard_space = "\xC2\xA0";
  for (;;) {
    if (!text.empty() && is_space(text.front()))
      text.remove_prefix(1);
    else if (text.starts_with(hard_space))
      text.remove_prefix(hard_space.size());
    else if (!text.empty() && is_space(text.back()))
      text.remove_suffix(1);
    else if (text.ends_with(hard_space))
      text.remove_suffix(hard_space.size());
    else
      return text;
  }
}

/// Items by the ids that their `itemref` names; the first one has what several ask for.
using Referring = std::unordered_map<std::string_view, std::uint32_t>;

void add_references(Referring& referring, std::string_view ids, std::uint32_t item) {
  for (std::size_t at = 0; at < ids.size();) {
    while (at < ids.size() && is_space(ids[at])) ++at;
    const std::size_t begin = at;
    while (at < ids.size() && !is_space(ids[at])) ++at;
    if (at != begin) referring.try_emplace(ids.substr(begin, at - begin), item);
  }
}

/// `itemref` can name what the item is in itself.
void cut_circles(std::vector<MicrodataItem>& items) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    std::uint32_t around = items[i].parent;
    for (std::size_t steps = 0; around != MicrodataItem::none && steps < items.size(); ++steps) {
      if (around == i) items[i].parent = MicrodataItem::none;
      around = around == i ? MicrodataItem::none : items[around].parent;
    }
  }
}

}  // namespace

/// Decodes values into memory of the page's facts.
class CollectedFacts::Texts {
 public:
  Texts(const std::string& raw, std::string_view encoding, std::pmr::memory_resource& memory)
      : raw_(raw), to_utf8_(encoding), memory_(memory) {}

  /// Valid until the next call.
  std::string_view decoded(const RawValue& value) {
    const std::string_view converted = to_utf8_(std::string_view(raw_).substr(value.begin, value.size), converted_);
    switch (value.kind) {
      case RawValue::Kind::attribute: return without_spaces_around(decode_attribute(converted, decoded_));
      case RawValue::Kind::text:
        decoded_.clear();
        decode_text(converted, true, NulByte::replace, decoded_);
        return without_spaces_around(decoded_);
      case RawValue::Kind::verbatim:
      case RawValue::Kind::none: break;
    }
    return converted;
  }
  std::string_view keep(std::string_view text) {
    if (text.empty()) return {};
    auto* const bytes = static_cast<char*>(memory_.allocate(text.size(), 1));
    text.copy(bytes, text.size());
    return {bytes, text.size()};
  }
  std::string_view keep(const RawValue& value) { return keep(decoded(value)); }

 private:
  const std::string& raw_;
  ToUtf8 to_utf8_;
  std::pmr::memory_resource& memory_;
  std::string converted_, decoded_;
};

CollectedFacts::CollectedFacts(const FactSet& set)
    : declared_(set.declarations().size()), left_{limits::max_ld_json, limits::max_page_values} {
  for (std::size_t i = 0; i < declared_.size(); ++i) declared_[i].counts = set.declarations()[i].count;
}

RawValue CollectedFacts::keep(RawValue::Kind kind, std::string_view bytes) {
  const std::size_t begin = raw_.size();
  raw_ += bytes;
  return {begin, bytes.size(), kind};
}

/// Nothing if it is too long, or what is kept becomes too much.
RawValue CollectedFacts::keep_value(RawValue::Kind kind, std::string_view bytes, PageFacts::Ignored ignored) {
  if (bytes.size() > limits::max_page_value || bytes.size() > left_.values) {
    ignore(ignored);
    return {};
  }
  left_.values -= bytes.size();
  return keep(kind, bytes);
}

void CollectedFacts::set(std::size_t fact, RawValue::Kind kind, std::string_view bytes) {
  if (bytes.size() > max_raw_fact_bytes)
    declared_[fact].ignored = true;
  else
    declared_[fact].value = keep(kind, bytes);
}

void CollectedFacts::add_ld_json(std::string_view bytes) {
  if (ld_json_.size() == limits::max_ld_json_scripts) return ignore(PageFacts::ignored_ld_json);
  const std::string_view fits = bytes.substr(0, left_.ld_json);
  if (fits.size() != bytes.size()) ignore(PageFacts::ignored_ld_json);
  if (fits.empty()) return;
  left_.ld_json -= fits.size();
  ld_json_.push_back(keep(RawValue::Kind::verbatim, fits));
}

void CollectedFacts::add_meta(std::string_view name, std::string_view content) {
  if (meta_.size() == limits::max_page_meta) return ignore(PageFacts::ignored_meta);
  const RawValue value = keep_value(RawValue::Kind::attribute, content, PageFacts::ignored_meta);
  if (value.kind != RawValue::Kind::none) meta_.push_back({keep(RawValue::Kind::attribute, name), value});
}

void CollectedFacts::set_canonical(std::string_view href) {
  if (canonical_.kind == RawValue::Kind::none)
    canonical_ = keep_value(RawValue::Kind::attribute, href, PageFacts::ignored_meta);
}

void CollectedFacts::add_field(std::uint32_t form, std::string_view name, std::string_view value) {
  if (fields_.size() == limits::max_page_fields) return ignore(PageFacts::ignored_fields);
  const RawValue kept = keep_value(RawValue::Kind::attribute, value, PageFacts::ignored_fields);
  if (kept.kind == RawValue::Kind::none) return;
  const RawValue kept_name = keep_value(RawValue::Kind::attribute, name, PageFacts::ignored_fields);
  if (kept_name.kind != RawValue::Kind::none) fields_.push_back({form, kept_name, kept});
}

std::uint32_t CollectedFacts::add_item(std::uint32_t parent, const ItemAttributes& attributes) {
  if (items_.size() == limits::max_microdata_items) {
    ignore(PageFacts::ignored_microdata);
    return none;
  }
  const auto value = [this](std::string_view bytes) {
    return keep_value(RawValue::Kind::attribute, bytes, PageFacts::ignored_microdata);
  };
  items_.push_back({parent, value(attributes.property), value(attributes.type), value(attributes.id),
                    value(attributes.references), value(attributes.element_id)});
  return static_cast<std::uint32_t>(items_.size() - 1);
}

std::uint32_t CollectedFacts::add_property(std::uint32_t item, std::string_view name, std::string_view element_id) {
  if (properties_.size() == limits::max_microdata_properties) {
    ignore(PageFacts::ignored_microdata);
    return none;
  }
  const RawValue kept = keep_value(RawValue::Kind::attribute, name, PageFacts::ignored_microdata);
  if (kept.kind == RawValue::Kind::none) return none;
  properties_.push_back(
      {item,
       kept,
       item == none ? keep_value(RawValue::Kind::attribute, element_id, PageFacts::ignored_microdata) : RawValue(),
       {}});
  return static_cast<std::uint32_t>(properties_.size() - 1);
}

void CollectedFacts::set_property(std::uint32_t property, RawValue::Kind kind, std::string_view bytes) {
  properties_[property].value = keep_value(kind, bytes, PageFacts::ignored_microdata);
}

std::size_t CollectedFacts::memory() const {
  return raw_.capacity() + declared_.capacity() * sizeof(Declared) + ld_json_.capacity() * sizeof(RawValue) +
         meta_.capacity() * sizeof(Pair) + items_.capacity() * sizeof(Item) +
         properties_.capacity() * sizeof(Property) + fields_.capacity() * sizeof(Field);
}

PageFacts CollectedFacts::finish(std::string_view encoding) const {
  PageFacts facts;
  facts.declared.resize(declared_.size());
  facts.ignored = ignored_;
  if (encoding_of_label(encoding) == Encoding::unsupported) return facts;  // what seemed to be tags may be letters
  facts.texts_ = std::make_unique<std::pmr::monotonic_buffer_resource>();
  Texts texts(raw_, encoding, *facts.texts_);
  finish_declared(texts, facts);
  finish_microdata(texts, facts);
  for (const RawValue& script : ld_json_) facts.ld_json.push_back(texts.keep(script));
  for (const Pair& pair : meta_) facts.meta.push_back({texts.keep(pair.name), texts.keep(pair.value)});
  for (const Field& field : fields_)
    facts.fields.push_back({field.form, texts.keep(field.name), texts.keep(field.value)});
  facts.canonical = texts.keep(canonical_);
  return facts;
}

void CollectedFacts::finish_declared(Texts& texts, PageFacts& facts) const {
  for (std::size_t i = 0; i < declared_.size(); ++i) {
    const Declared& declared = declared_[i];
    FactValue& fact = facts.declared[i];
    fact.ignored = declared.ignored;
    fact.known = declared.counts;
    fact.count = declared.count;
    if (declared.counts) fact.text = texts.keep(std::to_string(declared.count));
    if (declared.value.kind == RawValue::Kind::none) continue;
    const std::string_view text = texts.decoded(declared.value);
    fact.known = text.size() <= max_fact_bytes;
    if (fact.known)
      fact.text = texts.keep(text);
    else
      fact.ignored = true;
  }
}

/// Items, and properties of items: also those that stand elsewhere in the page and are named there by `itemref`.
void CollectedFacts::finish_microdata(Texts& texts, PageFacts& facts) const {
  Referring by_id;
  for (std::size_t i = 0; i < items_.size(); ++i)
    add_references(by_id, texts.keep(items_[i].references), static_cast<std::uint32_t>(i));
  const auto referring = [&](const RawValue& element_id) {
    if (by_id.empty() || element_id.size == 0) return none;
    const auto found = by_id.find(texts.decoded(element_id));
    return found == by_id.end() ? none : found->second;
  };
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const Item& item = items_[i];
    std::uint32_t parent = none;
    if (item.property.size != 0) parent = item.parent != none ? item.parent : referring(item.element_id);
    facts.items.push_back({parent, texts.keep(item.property), texts.keep(item.type), texts.keep(item.id)});
  }
  cut_circles(facts.items);
  for (const Property& property : properties_) {
    const std::uint32_t item = property.item != none ? property.item : referring(property.element_id);
    if (item == none || property.value.kind == RawValue::Kind::none) continue;
    const bool shown = property.value.kind == RawValue::Kind::text;
    facts.properties.push_back({item, texts.keep(property.name), texts.keep(property.value), shown});
  }
}

}  // namespace personalize::html
