// What was read from a page: the values of declared facts, and what the page says of products by itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <string_view>
#include <vector>

namespace personalize::html {

/// Of one declaration.
struct FactValue {
  bool known = false;          ///< some element matches and, if an attribute is asked for, has it
  bool ignored = false;        ///< it is not known because it goes beyond a limit
  std::uint32_t count = 0;     ///< of elements, if that is asked for
  std::string_view text = {};  ///< … and the same in digits

  friend bool operator==(const FactValue&, const FactValue&) = default;
};

struct NamedText {
  std::string_view name, text;

  friend bool operator==(const NamedText&, const NamedText&) = default;
};

/// An element with `itemscope`.
struct MicrodataItem {
  static constexpr std::uint32_t none = 0xFFFFFFFF;

  std::uint32_t parent = none;     ///< the item that it is a property of
  std::string_view property = {};  ///< what it is there: words, with spaces between them
  std::string_view type = {}, id = {};

  friend bool operator==(const MicrodataItem&, const MicrodataItem&) = default;
};

/// An element with `itemprop` but without `itemscope`, in an item.
struct MicrodataProperty {
  std::uint32_t item = MicrodataItem::none;
  std::string_view name = {};  ///< words, with spaces between them
  std::string_view text = {};
  bool shown = false;  ///< the text is what people see, and not an attribute's

  friend bool operator==(const MicrodataProperty&, const MicrodataProperty&) = default;
};

struct FormField {
  std::uint32_t form = 0;  ///< which of the page, from 1; 0: it is in none
  std::string_view name, text;

  friend bool operator==(const FormField&, const FormField&) = default;
};

/// Texts are UTF-8, decoded, and belong to the object.
class PageFacts {
 public:
  PageFacts() = default;
  PageFacts(const PageFacts&) = delete;
  PageFacts& operator=(const PageFacts&) = delete;
  PageFacts(PageFacts&&) noexcept = default;
  PageFacts& operator=(PageFacts&&) noexcept = default;

  /// Kinds of which a page has more than is read.
  enum Ignored : std::uint8_t { ignored_ld_json = 1, ignored_microdata = 2, ignored_meta = 4, ignored_fields = 8 };

  std::vector<FactValue> declared;  ///< in the order of the declarations
  std::vector<std::string_view> ld_json;
  std::vector<MicrodataItem> items;  ///< in the order of the page
  std::vector<MicrodataProperty> properties;
  std::vector<NamedText> meta;  ///< `og:…`, `product:…` and the like
  std::string_view canonical = {};
  std::vector<FormField> fields;
  std::uint8_t ignored = 0;

 private:
  friend class CollectedFacts;
  std::unique_ptr<std::pmr::monotonic_buffer_resource> texts_;
};

}  // namespace personalize::html
