// What a page says of products by itself, as it was found there: whoever reads pages fills it. Texts are UTF-8.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace personalize::learn::events {

/// An element with `itemscope`.
struct DataItem {
  static constexpr std::uint32_t none = 0xFFFFFFFF;

  std::uint32_t parent = none;  ///< that this is a property of
  std::string_view property, type, id;
};

/// An element with `itemprop`.
struct DataProperty {
  std::uint32_t item = 0;
  std::string_view name, text;
  bool shown = false;  ///< the text is what people see, and not an attribute's
};

struct DataMeta {
  std::string_view name, content;
};

/// A field of a form that names a product.
struct DataField {
  std::uint32_t form = 0;
  std::string_view name, text;
};

struct PageData {
  std::span<const std::string_view> ld_json;
  std::span<const DataItem> items;
  std::span<const DataProperty> properties;
  std::span<const DataMeta> meta;
  std::span<const DataField> fields;
  std::string_view canonical;
  std::string_view path;  ///< of the page's address, to tell its product from others that it mentions; empty: unknown
};

}  // namespace personalize::learn::events
