#include <vector>

#include "html/place.h"
#include "html/rewriter.h"
#include "html/tokens/tag_set.h"
#include "html/tokens/tokenizer.h"

namespace personalize::html {
namespace {

using enum TagId;

constexpr std::size_t kMaxDepth = 256;

constexpr TagSet void_tags = {area,  base,  basefont, bgsound, br,   col,   embed,  frame, hr, img,
                              image, input, keygen,   link,    meta, param, source, track, wbr};
constexpr TagSet rawtext_tags = {style, xmp, iframe, noembed, noframes, noscript};
constexpr TagSet rcdata_tags = {title, textarea};
/// They are elements of the page as a whole, or never end.
constexpr TagSet page_tags = {TagId::html, head, body, frameset, frame, plaintext};
/// Their start tag closes an open `<p>`.
constexpr TagSet closes_p = {address, article,  aside,      blockquote, center,   details, dialog, dir,  div,
                             dl,      fieldset, figcaption, figure,     footer,   header,  hgroup, main, menu,
                             nav,     ol,       p,          search,     section,  summary, ul,     h1,   h2,
                             h3,      h4,       h5,         h6,         pre,      listing, form,   li,   dd,
                             dt,      hr,       xmp,        table,      plaintext};
/// Their end tag may be left out where the parent ends.
constexpr TagSet implied_end = {dd,  dt,    li, optgroup, option, p,     rb, rp,      rt,
                                rtc, tbody, td, tfoot,    th,     thead, tr, caption, colgroup};
/// Of these, what an end tag that is not in `closes_implied` closes as well.
constexpr TagSet implied_by_any = {optgroup, option, rb, rp, rt, rtc};
/// End tags that close paragraphs, list items and the like that are open inside.
constexpr TagSet closes_implied = {address, article, aside,    blockquote, button,   center, details, dialog,  dir,
                                   div,     dl,      fieldset, figcaption, figure,   footer, header,  hgroup,  listing,
                                   main,    menu,    nav,      ol,         pre,      search, section, summary, ul,
                                   form,    li,      dd,       dt,         p,        h1,     h2,      h3,      h4,
                                   h5,      h6,      applet,   marquee,    object,   td,     th,      tr,      tbody,
                                   thead,   tfoot,   table,    caption,    template_};
/// What is in them does not see an open `<p>` around them.
constexpr TagSet scope_boundary = {applet, caption,   TagId::html, table,         td,   th,   marquee,
                                   object, template_, button,      foreignobject, desc, title};
constexpr TagSet headings = {h1, h2, h3, h4, h5, h6};
/// They close (or ignore) one of themselves that is open around them.
constexpr TagSet not_in_itself = {a, button, nobr, form, option, optgroup, select, h1, h2, h3, h4, h5, h6};
constexpr TagSet table_sections = {tbody, thead, tfoot};
constexpr TagSet in_table = {caption, colgroup, tbody, thead, tfoot, tr, td, th, col, script, style, template_};
constexpr TagSet in_section = {tr, td, th, script, style, template_};
constexpr TagSet in_row = {td, th, script, style, template_};
/// The tags that old and new parsers keep in a `<select>`. Parsers from before 2025 drop all others, so that what is
/// the text of a `<style>` to one parser is markup to another.
constexpr TagSet in_select = {option, optgroup, hr, script, template_};
/// HTML elements that end SVG and MathML.
constexpr TagSet breakout = {b,       big,  blockquote, body,  br, center, code, dd,   div, dl,    dt,   em,
                             embed,   h1,   h2,         h3,    h4, h5,     h6,   head, hr,  i,     img,  li,
                             listing, menu, meta,       nobr,  ol, p,      pre,  ruby, s,   small, span, strong,
                             strike,  sub,  sup,        table, tt, u,      ul,   var,  font};

/// Parses content and refuses it if it is not complete in itself: every element that is not void must be closed in it
/// (also implicitly, as the standard has it), nothing may be closed that was not opened in it, nothing moved elsewhere
/// by a parser, and nothing left unfinished.
class ContentScan {
 public:
  std::string_view run(std::string_view content);

 private:
  struct Frame {
    TagName name;
    Namespace inside;   // of its children
    Namespace outside;  // its own
  };

  void refuse(std::string_view why) {
    if (refused_.empty()) refused_ = why;
  }
  Namespace name_space() const { return stack_.empty() ? Namespace::html : stack_.back().inside; }
  TagId top() const { return stack_.empty() ? unknown : stack_.back().name.id; }
  void text(std::string_view text);
  void start_tag(const Token& token);
  void start_html(const Token& token);
  void start_foreign(const Token& token, Namespace space);
  void close_implied(TagId starting);
  void close_p();
  void check_parent(TagId starting);
  bool in_a_select() const;
  void end_tag(const Token& token);
  void push(TagName name, Namespace outside, Namespace inside);

  Tokenizer tokenizer_;
  std::vector<Frame> stack_;
  std::string_view refused_;
};

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\n\r\f") == std::string_view::npos; }

std::string_view ContentScan::run(std::string_view content) {
  if (content.find('\0') != std::string_view::npos) refuse("it contains a NUL byte");
  const char* at = content.data();
  const char* const end = at + content.size();
  while (refused_.empty()) {
    const char* const begin = at;
    const Token token = tokenizer_.next(at, end);
    const std::string_view bytes(begin, static_cast<std::size_t>(at - begin));
    if (token.kind == TokenKind::none || token.kind == TokenKind::unfinished) break;
    if (token.kind == TokenKind::text) text(bytes);
    if (token.kind == TokenKind::start_tag) start_tag(token);
    if (token.kind == TokenKind::end_tag) end_tag(token);
    if (token.kind == TokenKind::doctype) refuse("a doctype can only stand at the beginning of a page");
    tokenizer_.allow_cdata(name_space() != Namespace::html);
  }
  if (!tokenizer_.at_data()) {
    refuse(tokenizer_.mode() == TextMode::markup ? "it ends in an unfinished tag or comment"
                                                 : "it ends in an unfinished script, style, title or textarea");
  }
  if (!stack_.empty()) refuse("an element is not closed");
  return refused_;
}

void ContentScan::text(std::string_view text) {
  if (is_blank(text)) return;
  if (name_space() != Namespace::html) return;
  const TagId parent = top();
  if (parent == table || table_sections.has(parent) || parent == tr || parent == colgroup) {
    refuse("text directly in a table is moved out of it by the browser");
  }
}

void ContentScan::push(TagName name, Namespace outside, Namespace inside) {
  if (stack_.size() == kMaxDepth) return refuse("its elements are nested too deeply");
  stack_.push_back({name, inside, outside});
}

void ContentScan::start_tag(const Token& token) {
  const TagId tag = token.name.id;
  const Namespace space = name_space();
  if (page_tags.has(tag)) return refuse("html, head, body, frameset and plaintext cannot be inserted");
  if (in_a_select() && !in_select.has(tag))
    return refuse("only options, scripts and templates can stand in a select: older browsers drop all else");
  // <font> ends SVG only with certain attributes; it has no business there without them either.
  if (space != Namespace::html && breakout.has(tag)) return refuse("an HTML element in SVG or MathML ends it");
  if (space == Namespace::html && tag != TagId::svg && tag != math) {
    close_implied(tag);
    check_parent(tag);
  }
  if (space != Namespace::html) return start_foreign(token, space);
  if (tag == TagId::svg) return start_foreign(token, Namespace::svg);
  if (tag == math) return start_foreign(token, Namespace::mathml);
  if (token.self_closing && !void_tags.has(tag)) {
    return refuse("only void elements and SVG can be closed with \"/>\": in HTML the slash does not close");
  }
  start_html(token);
}

void ContentScan::start_html(const Token& token) {
  const TagId tag = token.name.id;
  if (void_tags.has(tag)) return;
  push(token.name, Namespace::html, Namespace::html);
  if (tag == script)
    tokenizer_.enter_text(TextMode::script, tag);
  else if (rawtext_tags.has(tag))
    tokenizer_.enter_text(TextMode::rawtext, tag);
  else if (rcdata_tags.has(tag))
    tokenizer_.enter_text(TextMode::rcdata, tag);
}

void ContentScan::start_foreign(const Token& token, Namespace space) {
  if (token.self_closing) return;
  const TagId tag = token.name.id;
  const bool svg_point = space == Namespace::svg && (tag == foreignobject || tag == desc || tag == title);
  const bool math_point =
      space == Namespace::mathml && (tag == mi || tag == mo || tag == mn || tag == ms || tag == mtext);
  if (space == Namespace::mathml && tag == annotation_xml) return refuse("annotation-xml cannot be inserted");
  push(token.name, space, svg_point || math_point ? Namespace::html : space);
}

/// Closes what the start tag `starting` closes in HTML: an open `<p>`, `<li>`, `<td>`, ….
void ContentScan::close_implied(TagId starting) {
  if (closes_p.has(starting)) close_p();
  const auto pop_if = [&](auto... tags) {
    while (((top() == tags) || ...)) stack_.pop_back();
  };
  switch (starting) {
    case li: pop_if(li); break;
    case dd:
    case dt: pop_if(dd, dt); break;
    case option: pop_if(option); break;
    case optgroup: pop_if(option, optgroup); break;
    case rb:
    case rtc: pop_if(rb, rp, rt, rtc); break;
    case rp:
    case rt: pop_if(rb, rp, rt); break;
    case td:
    case th: pop_if(td, th); break;
    case tr: pop_if(td, th, tr); break;
    case tbody:
    case thead:
    case tfoot: pop_if(td, th, tr, tbody, thead, tfoot, colgroup, caption); break;
    default: break;
  }
}

void ContentScan::close_p() {
  for (std::size_t i = stack_.size(); i-- > 0;) {
    if (stack_[i].name.id == p && stack_[i].outside == Namespace::html) {
      if (i + 1 != stack_.size()) return refuse("an element that ends a paragraph stands deep inside of one");
      stack_.pop_back();
      return;
    }
    if (scope_boundary.has(stack_[i].name.id)) return;
  }
}

void ContentScan::check_parent(TagId starting) {
  const TagId parent = top();
  if ((parent == table && !in_table.has(starting)) || (table_sections.has(parent) && !in_section.has(starting)) ||
      (parent == tr && !in_row.has(starting)) || (parent == colgroup && starting != col && starting != template_)) {
    return refuse("an element directly in a table is moved out of it by the browser");
  }
  if (!stack_.empty() && (in_table.has(starting) || table_sections.has(starting)) && starting != script &&
      starting != style && starting != template_ && parent != table && !table_sections.has(parent) && parent != tr &&
      parent != colgroup && parent != template_) {
    return refuse("a part of a table stands outside of a table");
  }
  if (!not_in_itself.has(starting)) return;
  for (std::size_t i = stack_.size(); i-- > 0;) {
    const TagId open = stack_[i].name.id;
    if (open == starting || (headings.has(starting) && headings.has(open) && i + 1 == stack_.size())) {
      return refuse("links, buttons, forms, headings and selects cannot stand in their own kind");
    }
    if (open == table || open == td || open == th || open == template_ || open == object) return;
  }
}

bool ContentScan::in_a_select() const {
  for (std::size_t i = stack_.size(); i-- > 0 && stack_[i].name.id != template_;) {
    if (stack_[i].name.id == select && stack_[i].outside == Namespace::html) return true;
  }
  return false;
}

void ContentScan::end_tag(const Token& token) {
  const TagSet& implied = closes_implied.has(token.name.id) ? implied_end : implied_by_any;
  bool popped = false;
  while (!stack_.empty() && !(stack_.back().name == token.name) && stack_.back().outside == Namespace::html &&
         implied.has(top())) {
    stack_.pop_back();
    popped = true;
  }
  if (stack_.empty() || !(stack_.back().name == token.name) || (popped && stack_.back().outside != Namespace::html)) {
    return refuse("an end tag does not belong to the element that is open there");
  }
  stack_.pop_back();
}

}  // namespace

std::string_view check_content(std::string_view content) {
  const std::string_view refused = ContentScan().run(content);
  if (refused.empty() && !leaves_no_trace(content)) return "a browser would not keep it together where it is put";
  return refused;
}

}  // namespace personalize::html
