// The facts of a page while it is read: raw bytes, as the encoding may become known later than the first of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "html/facts/fact_set.h"
#include "html/facts/page_facts.h"

namespace personalize::html {

/// Where a value is in the raw bytes, and how it is to be decoded.
struct RawValue {
  enum class Kind : std::uint8_t { none, attribute, text, verbatim };

  std::size_t begin = 0;
  std::size_t size = 0;
  Kind kind = Kind::none;
};

/// Of an element with `itemscope`, raw.
struct ItemAttributes {
  std::string_view property, type, id, references, element_id;
};

class CollectedFacts {
 public:
  static constexpr std::uint32_t none = MicrodataItem::none;
  /// A value is shorter when it is decoded, but not by much.
  static constexpr std::size_t max_raw_fact_bytes = 4 * max_fact_bytes;

  explicit CollectedFacts(const FactSet& set);

  // Declared facts, by the position of the declaration.
  void count(std::size_t fact) { ++declared_[fact].count; }
  /// An element that matches begins; false if it is not the first one.
  bool begin(std::size_t fact) { return !std::exchange(declared_[fact].begun, true); }
  void set(std::size_t fact, RawValue::Kind kind, std::string_view bytes);
  void ignore(std::size_t fact) { declared_[fact].ignored = true; }

  // What pages say by themselves. `kind` is that of the value.
  void add_ld_json(std::string_view bytes);
  /// Bytes of scripts that there is room for.
  std::size_t room_for_ld_json() const { return left_.ld_json; }
  void add_meta(std::string_view name, std::string_view content);
  void set_canonical(std::string_view href);
  void add_field(std::uint32_t form, std::string_view name, std::string_view value);
  /// Returns the item, or `none` if there are too many. `parent`: the one that it is in, or none.
  std::uint32_t add_item(std::uint32_t parent, const ItemAttributes& attributes);
  /// Returns the property, or `none` if there are too many.
  std::uint32_t add_property(std::uint32_t item, std::string_view name, std::string_view element_id);
  void set_property(std::uint32_t property, RawValue::Kind kind, std::string_view bytes);
  void ignore(PageFacts::Ignored kind) { ignored_ |= kind; }

  /// `encoding` as from `encoding_name`.
  PageFacts finish(std::string_view encoding) const;
  std::size_t memory() const;

 private:
  struct Declared {
    bool counts = false;
    bool begun = false;
    bool ignored = false;
    std::uint32_t count = 0;
    RawValue value;
  };
  struct Pair {
    RawValue name, value;
  };
  struct Item {
    std::uint32_t parent;
    RawValue property, type, id, references, element_id;
  };
  struct Property {
    std::uint32_t item;
    RawValue name, element_id, value;
  };
  struct Field {
    std::uint32_t form;
    RawValue name, value;
  };
  struct Left {
    std::size_t ld_json, values;
  };

  class Texts;

  RawValue keep(RawValue::Kind kind, std::string_view bytes);
  RawValue keep_value(RawValue::Kind kind, std::string_view bytes, PageFacts::Ignored ignored);
  void finish_declared(Texts& texts, PageFacts& facts) const;
  void finish_microdata(Texts& texts, PageFacts& facts) const;

  std::string raw_;
  std::vector<Declared> declared_;
  std::vector<RawValue> ld_json_;
  std::vector<Pair> meta_;
  std::vector<Item> items_;
  std::vector<Property> properties_;
  std::vector<Field> fields_;
  RawValue canonical_;
  Left left_;
  std::uint8_t ignored_ = 0;
};

}  // namespace personalize::html
