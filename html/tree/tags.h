// Properties of tag names that the tree construction rules (§13.2.6) depend on, as tables.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>

#include "html/tokens/tag.h"

namespace personalize::html {

/// Properties of HTML elements.
enum TagTrait : std::uint32_t {
  trait_special = 1u << 0,
  trait_void = 1u << 1,              ///< never has content
  trait_scope = 1u << 2,             ///< ends every search "in scope"
  trait_implied_end = 1u << 4,       ///< "generate implied end tags"
  trait_implied_thorough = 1u << 5,  ///< … "thoroughly"
  trait_heading = 1u << 6,
  trait_breakout = 1u << 7,       ///< ends SVG and MathML
  trait_table_context = 1u << 8,  ///< text and tags here are foster parented
  trait_table_section = 1u << 9,  ///< tbody, thead, tfoot
  trait_cell = 1u << 10,          ///< td, th
  trait_head_content = 1u << 11,  ///< handled by the rules of "in head" wherever it stands
};

/// What "in body" does with a start tag.
enum class BodyStart : std::uint8_t {
  ordinary,  ///< reconstruct, insert
  block,     ///< close a p, insert
  heading,
  preformatted,
  form,
  item,        ///< li
  definition,  ///< dd, dt
  plaintext,
  button,
  anchor,
  formatting,
  nobr,
  object,  ///< applet, marquee, object
  table,
  empty,  ///< br, img, … : reconstruct, no content
  input,
  empty_plain,  ///< param, source, track: no reconstruction
  rule,         ///< hr
  image,
  textarea,
  xmp,
  iframe,
  raw,  ///< noembed, noscript
  select,
  option,  ///< option, optgroup
  ruby_base,
  ruby_text,
  math,
  svg,
  html,
  head_content,
  body,
  frameset,
  ignored,  ///< caption, col, td, …
};

/// What "in body" does with an end tag.
enum class BodyEnd : std::uint8_t {
  other,
  block,
  body,
  html,
  form,
  paragraph,
  item,
  definition,
  heading,
  formatting,
  object,
  line_break,
  template_,
};

/// What surrounds a tag in the body, one bit each.
enum Around : std::uint8_t {
  around_p = 1 << 0,           ///< a p in button scope
  around_button = 1 << 1,      ///< a button in scope
  around_template = 1 << 2,    ///< a template
  around_formatting = 1 << 3,  ///< formatting elements that wait for reconstruction
  around_heading = 1 << 4,     ///< a heading, directly
  around_no_list = 1 << 5,     ///< something else than ul or ol, directly
  around_anything = 1 << 6,
};

/// What surrounds the content of an HTML element depends on what surrounds the element.
struct Content {
  std::uint8_t keeps = around_p | around_button | around_template;
  std::uint8_t adds = around_no_list;

  std::uint8_t of(std::uint8_t around) const { return static_cast<std::uint8_t>((around & keeps) | adds); }
};

/// What a start tag does in the body when nothing is in its way (`Tree::start_quickly`).
struct QuickStart {
  std::uint8_t obstacles = around_anything;  ///< what would make it do more
  enum Kind : std::uint8_t { element, empty, formatting } kind = element;
};

struct TagTables {
  std::array<std::uint32_t, tag_id_count> traits{};
  std::array<BodyStart, tag_id_count> start{};
  std::array<BodyEnd, tag_id_count> end{};
  std::array<QuickStart, tag_id_count> quick_start{};
  std::array<Content, tag_id_count> content{};
  std::array<bool, tag_id_count> quick_end{};  ///< its end tag just closes it where it is the current element
};

extern const TagTables tag_tables;

inline Content content_of(TagId id) { return tag_tables.content[static_cast<std::size_t>(id)]; }

inline bool has_trait(TagId id, std::uint32_t trait) {
  return (tag_tables.traits[static_cast<std::size_t>(id)] & trait) != 0;
}

}  // namespace personalize::html
