#include <vector>

#include "html/edits/insertion_safety.h"
#include "html/elements.h"
#include "html/limits.h"
#include "html/rewriter.h"
#include "html/tokens/tag_set.h"
#include "html/tokens/tokenizer.h"
#include "html/tree/tags.h"

namespace personalize::html {
namespace {

using enum TagId;

/// They are elements of the page as a whole, or never end.
constexpr TagSet page_tags = {TagId::html, head, body, frameset, frame, plaintext};
/// Elements with optional end tags that are closed even by end tags that do not `closes_implied`.
constexpr TagSet implied_by_any = {optgroup, option, rb, rp, rt, rtc};
/// Like headings, they close an open element of their own kind, or are ignored in it.
constexpr TagSet not_in_itself = {a, button, nobr, form, option, optgroup, select};
/// The tags that old and new parsers keep in a `<select>`. Parsers from before 2025 drop all others, so that what is
/// text in a `<style>` for one parser is markup for another.
constexpr TagSet in_select = {option, optgroup, hr, script, template_};

bool is_void(TagId id) { return has_trait(id, trait_void); }
bool is_heading(TagId id) { return has_trait(id, trait_heading); }
bool is_table_section(TagId id) { return has_trait(id, trait_table_section); }

/// Its start tag closes an open `<p>`.
bool closes_p(TagId id) {
  switch (tag_tables.start[static_cast<std::size_t>(id)]) {
    case BodyStart::block:
    case BodyStart::heading:
    case BodyStart::preformatted:
    case BodyStart::form:
    case BodyStart::item:
    case BodyStart::definition:
    case BodyStart::plaintext:
    case BodyStart::table:
    case BodyStart::rule:
    case BodyStart::xmp: return true;
    default: return false;
  }
}

/// Its end tag closes paragraphs, list items and the like that are open inside.
bool closes_implied(TagId id) {
  switch (tag_tables.end[static_cast<std::size_t>(id)]) {
    case BodyEnd::block:
    case BodyEnd::form:
    case BodyEnd::paragraph:
    case BodyEnd::item:
    case BodyEnd::definition:
    case BodyEnd::heading:
    case BodyEnd::object:
    case BodyEnd::template_: return true;
    default: return has_trait(id, trait_cell | trait_table_section) || id == tr || id == table || id == caption;
  }
}

/// An open `<p>` outside is not in scope in it.
bool hides_p(TagId id) { return has_trait(id, trait_scope) || id == button || is_svg_integration_point(id); }

/// Text does not stay in it: a table, and its parts outside of cells and captions.
bool is_table_structure(TagId id) { return id == table || is_table_section(id) || id == tr || id == colgroup; }

/// The element `starting` stays where it is, directly in `parent`.
bool fits_table_structure(TagId parent, TagId starting) {
  if (parent == colgroup) return starting == col || starting == template_;
  if (starting == script || starting == style || starting == template_) return true;
  if (parent == table) return has_trait(starting, trait_table_part);
  return has_trait(starting, trait_cell) || (starting == tr && parent != tr);
}

/// Parses content and refuses it if it is not self-contained: every element that is not void must be closed in it
/// (implicitly counts), nothing may be closed that was not opened in it, moved elsewhere by a parser, or left
/// unfinished.
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
  if (is_table_structure(top())) refuse("text directly in a table is moved out of it by the browser");
}

void ContentScan::push(TagName name, Namespace outside, Namespace inside) {
  if (stack_.size() == limits::max_content_depth) return refuse("its elements are nested too deeply");
  stack_.push_back({name, inside, outside});
}

void ContentScan::start_tag(const Token& token) {
  const TagId tag = token.name.id;
  const Namespace space = name_space();
  if (page_tags.has(tag)) return refuse("html, head, body, frameset and plaintext cannot be inserted");
  if (in_a_select() && !in_select.has(tag))
    return refuse("only options, scripts and templates can stand in a select: older browsers drop all else");
  // <font> ends SVG only with certain attributes; it has no business there without them either.
  if (space != Namespace::html && (has_trait(tag, trait_breakout) || tag == font))
    return refuse("an HTML element in SVG or MathML ends it");
  if (space == Namespace::html && tag != TagId::svg && tag != math) {
    close_implied(tag);
    check_parent(tag);
  }
  if (space != Namespace::html) return start_foreign(token, space);
  if (tag == TagId::svg) return start_foreign(token, Namespace::svg);
  if (tag == math) return start_foreign(token, Namespace::mathml);
  if (token.self_closing && !is_void(tag)) {
    return refuse("only void elements and SVG can be closed with \"/>\": in HTML the slash does not close");
  }
  start_html(token);
}

void ContentScan::start_html(const Token& token) {
  const TagId tag = token.name.id;
  if (is_void(tag)) return;
  push(token.name, Namespace::html, Namespace::html);
  if (const TextMode mode = text_mode_of(tag); mode != TextMode::markup) tokenizer_.enter_text(mode, tag);
}

void ContentScan::start_foreign(const Token& token, Namespace space) {
  if (token.self_closing) return;
  const TagId tag = token.name.id;
  const bool svg_point = space == Namespace::svg && is_svg_integration_point(tag);
  const bool math_point = space == Namespace::mathml && is_mathml_text_integration_point(tag);
  if (space == Namespace::mathml && tag == annotation_xml) return refuse("annotation-xml cannot be inserted");
  push(token.name, space, svg_point || math_point ? Namespace::html : space);
}

/// Closes what the start tag `starting` closes in HTML: an open `<p>`, `<li>`, `<td>`, ….
void ContentScan::close_implied(TagId starting) {
  if (closes_p(starting)) close_p();
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
      if (i + 1 != stack_.size()) return refuse("an element that ends a paragraph is nested deeply in one");
      stack_.pop_back();
      return;
    }
    if (hides_p(stack_[i].name.id)) return;
  }
}

void ContentScan::check_parent(TagId starting) {
  const TagId parent = top();
  if (is_table_structure(parent) && !fits_table_structure(parent, starting))
    return refuse("an element directly in a table is moved out of it by the browser");
  if (!stack_.empty() && has_trait(starting, trait_table_part) && !is_table_structure(parent) && parent != template_)
    return refuse("a part of a table is outside a table");
  if (!not_in_itself.has(starting) && !is_heading(starting)) return;
  for (std::size_t i = stack_.size(); i-- > 0;) {
    const TagId open = stack_[i].name.id;
    if (open == starting || (is_heading(starting) && is_heading(open) && i + 1 == stack_.size())) {
      return refuse("links, buttons, forms, headings and selects cannot be nested in themselves");
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
  const bool thoroughly = closes_implied(token.name.id);
  const auto implied = [&] {
    return thoroughly ? has_trait(top(), trait_implied_thorough) : implied_by_any.has(top());
  };
  bool popped = false;
  while (!stack_.empty() && !(stack_.back().name == token.name) && stack_.back().outside == Namespace::html &&
         implied()) {
    stack_.pop_back();
    popped = true;
  }
  if (stack_.empty() || !(stack_.back().name == token.name) || (popped && stack_.back().outside != Namespace::html)) {
    return refuse("an end tag does not belong to the element that is open there");
  }
  stack_.pop_back();
}

}  // namespace

std::optional<std::string_view> check_content(std::string_view content) {
  if (const std::string_view refused = ContentScan().run(content); !refused.empty()) return refused;
  if (!is_self_contained(content)) return "a browser would move part of it elsewhere";
  return std::nullopt;
}

}  // namespace personalize::html
