#include "html/tree/tags.h"

namespace personalize::html {
namespace {

using enum TagId;
using Ids = std::initializer_list<TagId>;

constexpr void on_start(TagTables& tables, BodyStart action, Ids ids) {
  for (TagId id : ids) tables.start[static_cast<std::size_t>(id)] = action;
}
constexpr void on_end(TagTables& tables, BodyEnd action, Ids ids) {
  for (TagId id : ids) tables.end[static_cast<std::size_t>(id)] = action;
}

constexpr void fill_starts(TagTables& t) {
  for (std::size_t id = 0; id < tag_id_count; ++id) {
    const auto is = [id](std::uint32_t trait) { return has_trait(static_cast<TagId>(id), trait); };
    if (is(trait_formatting)) t.start[id] = BodyStart::formatting;
    if (is(trait_heading)) t.start[id] = BodyStart::heading;
    if (is(trait_head_content)) t.start[id] = BodyStart::head_content;
    if (is(trait_table_part)) t.start[id] = BodyStart::ignored;
  }
  on_start(t, BodyStart::block, {address, article,  aside,      blockquote, center,  details, dialog, dir,  div,
                                 dl,      fieldset, figcaption, figure,     footer,  header,  hgroup, main, menu,
                                 nav,     ol,       p,          search,     section, summary, ul});
  on_start(t, BodyStart::preformatted, {pre, listing});
  on_start(t, BodyStart::form, {form});
  on_start(t, BodyStart::item, {li});
  on_start(t, BodyStart::definition, {dd, dt});
  on_start(t, BodyStart::plaintext, {plaintext});
  on_start(t, BodyStart::button, {button});
  on_start(t, BodyStart::anchor, {a});
  on_start(t, BodyStart::nobr, {nobr});
  on_start(t, BodyStart::object, {applet, marquee, object});
  on_start(t, BodyStart::table, {table});
  on_start(t, BodyStart::empty, {area, br, embed, img, keygen, wbr});
  on_start(t, BodyStart::input, {input});
  on_start(t, BodyStart::empty_plain, {param, source, track});
  on_start(t, BodyStart::rule, {hr});
  on_start(t, BodyStart::image, {image});
  on_start(t, BodyStart::textarea, {textarea});
  on_start(t, BodyStart::xmp, {xmp});
  on_start(t, BodyStart::iframe, {iframe});
  on_start(t, BodyStart::raw, {noembed, noscript});
  on_start(t, BodyStart::select, {select});
  on_start(t, BodyStart::option, {option, optgroup});
  on_start(t, BodyStart::ruby_base, {rb, rtc});
  on_start(t, BodyStart::ruby_text, {rp, rt});
  on_start(t, BodyStart::math, {math});
  on_start(t, BodyStart::svg, {svg});
  on_start(t, BodyStart::html, {html});
  on_start(t, BodyStart::body, {body});
  on_start(t, BodyStart::frameset, {frameset});
  on_start(t, BodyStart::ignored, {frame, head});
}

constexpr void fill_ends(TagTables& t) {
  for (std::size_t id = 0; id < tag_id_count; ++id) {
    if (t.start[id] == BodyStart::block) t.end[id] = BodyEnd::block;
    if (t.start[id] == BodyStart::object) t.end[id] = BodyEnd::object;
    if (has_trait(static_cast<TagId>(id), trait_formatting)) t.end[id] = BodyEnd::formatting;
    if (has_trait(static_cast<TagId>(id), trait_heading)) t.end[id] = BodyEnd::heading;
  }
  on_end(t, BodyEnd::block, {button, listing, pre});
  on_end(t, BodyEnd::body, {body});
  on_end(t, BodyEnd::html, {html});
  on_end(t, BodyEnd::form, {form});
  on_end(t, BodyEnd::paragraph, {p});
  on_end(t, BodyEnd::item, {li});
  on_end(t, BodyEnd::definition, {dd, dt});
  on_end(t, BodyEnd::line_break, {br});
  on_end(t, BodyEnd::template_, {template_});
}

constexpr void fill_content(TagTables& t) {
  const auto content = [&](TagId id) -> Content& { return t.content[static_cast<std::size_t>(id)]; };
  for (std::size_t id = 0; id < tag_id_count; ++id) {
    if (has_trait(static_cast<TagId>(id), trait_scope)) t.content[id].keeps = around_template;
    if (has_trait(static_cast<TagId>(id), trait_heading)) t.content[id].adds |= around_heading;
  }
  content(p).adds |= around_p;
  content(button) = {around_template, around_button | around_no_list};
  content(template_).adds |= around_template;
  content(ul).adds = content(ol).adds = 0;
}

constexpr QuickStart quick_start(BodyStart start) {
  switch (start) {
    case BodyStart::ordinary: return {around_formatting, QuickStart::element};
    case BodyStart::block: return {around_p, QuickStart::element};
    case BodyStart::heading: return {around_p | around_heading, QuickStart::element};
    case BodyStart::item: return {around_p | around_no_list, QuickStart::element};
    case BodyStart::button: return {around_formatting | around_button, QuickStart::element};
    case BodyStart::empty: return {around_formatting, QuickStart::empty};
    case BodyStart::empty_plain: return {0, QuickStart::empty};
    case BodyStart::anchor:
    case BodyStart::formatting: return {around_formatting, QuickStart::formatting};
    default: return {};
  }
}

constexpr void fill_quick(TagTables& t) {
  for (std::size_t id = 0; id < tag_id_count; ++id) {
    t.quick_start[id] = quick_start(t.start[id]);
    const BodyEnd end = t.end[id];
    const bool table_part = has_trait(static_cast<TagId>(id), trait_scope | trait_implied_thorough);
    const bool closes = end == BodyEnd::block || end == BodyEnd::paragraph || end == BodyEnd::item ||
                        end == BodyEnd::heading || end == BodyEnd::formatting;
    t.quick_end[id] = closes || (end == BodyEnd::other && !table_part);
  }
  t.quick_end[static_cast<std::size_t>(select)] = false;
  t.quick_end[static_cast<std::size_t>(frameset)] = false;
  t.quick_end[static_cast<std::size_t>(head)] = false;
}

constexpr TagTables make_tables() {
  TagTables tables;
  fill_starts(tables);
  fill_ends(tables);
  fill_content(tables);
  fill_quick(tables);
  return tables;
}

}  // namespace

constexpr TagTables tag_tables = make_tables();

}  // namespace personalize::html
