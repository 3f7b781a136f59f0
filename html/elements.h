// The classes of elements in the HTML standard: the one place where their names are listed.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>

#include "html/tokens/tag.h"
#include "html/tokens/tokenizer.h"

namespace personalize::html {

/// Properties of HTML elements, one bit each.
enum ElementTrait : std::uint32_t {
  trait_special = 1u << 0,           ///< §13.2.4.2 "special"
  trait_void = 1u << 1,              ///< never has content (§13.1.2, and the obsolete ones)
  trait_scope = 1u << 2,             ///< ends every search "in scope" (§13.2.4.2)
  trait_formatting = 1u << 3,        ///< §13.2.4.3
  trait_implied_end = 1u << 4,       ///< "generate implied end tags" (§13.2.6.3)
  trait_implied_thorough = 1u << 5,  ///< … "thoroughly"
  trait_heading = 1u << 6,
  trait_breakout = 1u << 7,       ///< ends SVG and MathML (§13.2.6.5); `font` does with some attributes only
  trait_table_context = 1u << 8,  ///< text and tags here are foster parented
  trait_table_section = 1u << 9,  ///< tbody, thead, tfoot
  trait_cell = 1u << 10,          ///< td, th
  trait_head_content = 1u << 11,  ///< handled by the rules of "in head" wherever it stands
  trait_table_part = 1u << 12,    ///< its tags mean something in tables only
  trait_marker = 1u << 13,        ///< puts a marker on the list of active formatting elements
};

using ElementTraits = std::array<std::uint32_t, tag_id_count>;

namespace internal {

constexpr void add(ElementTraits& traits, std::uint32_t trait, std::initializer_list<TagId> ids) {
  for (TagId id : ids) traits[static_cast<std::size_t>(id)] |= trait;
}

constexpr ElementTraits make_element_traits() {
  using enum TagId;
  ElementTraits t{};
  add(t, trait_special,
      {address,  applet,   area,       article, aside,    base,      basefont,  bgsound,  blockquote, body,    br,
       button,   caption,  center,     col,     colgroup, dd,        details,   dir,      div,        dl,      dt,
       embed,    fieldset, figcaption, figure,  footer,   form,      frame,     frameset, h1,         h2,      h3,
       h4,       h5,       h6,         head,    header,   hgroup,    hr,        html,     iframe,     img,     input,
       keygen,   li,       link,       listing, main,     marquee,   menu,      meta,     nav,        noembed, noframes,
       noscript, object,   ol,         p,       param,    plaintext, pre,       script,   search,     section, select,
       source,   style,    summary,    table,   tbody,    td,        template_, textarea, tfoot,      th,      thead,
       title,    tr,       track,      ul,      wbr,      xmp});
  add(t, trait_void,
      {area, base, basefont, bgsound, br, col, embed, frame, hr, image, img, input, keygen, link, meta, param, source,
       track, wbr});
  add(t, trait_scope, {applet, caption, html, table, td, th, marquee, object, template_});
  add(t, trait_implied_end | trait_implied_thorough, {dd, dt, li, optgroup, option, p, rb, rp, rt, rtc});
  add(t, trait_implied_thorough | trait_table_part, {caption, colgroup, tbody, td, tfoot, th, thead, tr});
  add(t, trait_table_part, {col});
  add(t, trait_marker, {applet, caption, marquee, object, td, template_, th});
  add(t, trait_heading, {h1, h2, h3, h4, h5, h6});
  add(t, trait_breakout,
      {b,   big,  blockquote, body,  br,   center, code,   dd,  div, dl,      dt,   em,   embed, h1, h2,
       h3,  h4,   h5,         h6,    head, hr,     i,      img, li,  listing, menu, meta, nobr,  ol, p,
       pre, ruby, s,          small, span, strong, strike, sub, sup, table,   tt,   u,    ul,    var});
  add(t, trait_table_context, {table, tbody, template_, tfoot, thead, tr});
  add(t, trait_table_section, {tbody, tfoot, thead});
  add(t, trait_cell, {td, th});
  add(t, trait_head_content, {base, basefont, bgsound, link, meta, noframes, script, style, template_, title});
  add(t, trait_formatting, {a, b, big, code, em, font, i, nobr, s, small, strike, strong, tt, u});
  return t;
}

}  // namespace internal

inline constexpr ElementTraits element_traits = internal::make_element_traits();

constexpr bool has_trait(TagId id, std::uint32_t trait) {
  return (element_traits[static_cast<std::size_t>(id)] & trait) != 0;
}

/// How the content of an HTML element is read.
TextMode text_mode_of(TagId id);

/// Where HTML begins again in SVG (HTML integration points), and where MathML takes HTML's text elements (MathML text
/// integration points, §13.2.6).
bool is_svg_integration_point(TagId id);
bool is_mathml_text_integration_point(TagId id);

}  // namespace personalize::html
