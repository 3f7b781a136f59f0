#include "engine/facts/page_product.h"

#include <vector>

namespace personalize::engine {

namespace events = learn::events;

events::ProductFacts read_page_product(const html::PageFacts& facts, std::string_view path) {
  static_assert(html::MicrodataItem::none == events::DataItem::none);
  std::vector<events::DataItem> items;
  std::vector<events::DataProperty> properties;
  std::vector<events::DataMeta> meta;
  std::vector<events::DataField> fields;
  for (const html::MicrodataItem& item : facts.items) items.push_back({item.parent, item.property, item.type, item.id});
  for (const html::MicrodataProperty& property : facts.properties)
    properties.push_back({property.item, property.name, property.text, property.shown});
  for (const html::NamedText& each : facts.meta) meta.push_back({each.name, each.text});
  for (const html::FormField& field : facts.fields) fields.push_back({field.form, field.name, field.text});
  return events::read_product_facts({.ld_json = facts.ld_json,
                                     .items = items,
                                     .properties = properties,
                                     .meta = meta,
                                     .fields = fields,
                                     .canonical = facts.canonical,
                                     .path = path});
}

}  // namespace personalize::engine
