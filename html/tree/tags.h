// What the tree construction rules (§13.2.6) do with tags in the body, as tables.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>

#include "html/elements.h"

namespace personalize::html {

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
  std::array<BodyStart, tag_id_count> start{};
  std::array<BodyEnd, tag_id_count> end{};
  std::array<QuickStart, tag_id_count> quick_start{};
  std::array<Content, tag_id_count> content{};
  std::array<bool, tag_id_count> quick_end{};  ///< its end tag just closes it where it is the current element
};

extern const TagTables tag_tables;

inline Content content_of(TagId id) { return tag_tables.content[static_cast<std::size_t>(id)]; }

}  // namespace personalize::html
