#include "html/edits/edit_judge.h"

#include "html/edits/insertion_safety.h"
#include "html/edits/tag_edit.h"
#include "html/tokens/ascii.h"

namespace personalize::html {
namespace {

bool replaces(const Edit& edit) { return traits_of(edit.operation).replaces_element; }

/// After the `<`, up to where it is known whether the end tag is that of a title or textarea.
bool is_in_end_tag(char c) { return c == '/' || is_ascii_letter(c); }

/// After the `&`.
bool is_in_reference(char c) {
  return c == '#' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

TextEnd EditJudge::text_end() const {
  if (text_.empty()) return text_end_;
  if (text_.back() == '\r') return TextEnd::carriage_return;
  std::size_t begin = text_.size();
  while (begin != 0 && is_in_end_tag(text_[begin - 1])) --begin;
  if (begin == 0 ? text_end_ == TextEnd::less_than : text_[begin - 1] == '<') return TextEnd::less_than;
  begin = text_.size();
  while (begin != 0 && is_in_reference(text_[begin - 1])) --begin;
  if (begin == 0) return text_end_ == TextEnd::reference ? TextEnd::reference : TextEnd::none;
  return text_[begin - 1] == '&' ? TextEnd::reference : TextEnd::none;
}

/// Whether a reference that the text before the current token may have begun could go on with the content, or with what
/// follows if there is none.
bool EditJudge::completes_reference(std::string_view content) const {
  return text_end() == TextEnd::reference && (content.empty() || !(is_space(content[0]) || content[0] == '<'));
}

bool EditJudge::can_encode(const Edit& edit) const {
  return encoding_ != Encoding::unsupported && can_be_encoded(edit.content, encoding_);
}

Skip EditJudge::why_not(const Edit& edit, const EditedTag& tag) const {
  const Inserted& inserted = around_.inserted();
  if (!can_encode(edit)) return Skip::encoding;
  if (!inserted.safe) return Skip::unsafe_region;
  if (traits_of(edit.operation).changes_tag) {
    const bool needs_name = edit.operation == Operation::set_attribute || edit.operation == Operation::remove_attribute;
    if (needs_name && !is_writable_attribute_name(edit.name)) return Skip::unsafe_region;
    return tag.cut_short && !can_edit_long_tag(tag.attributes, edit) ? Skip::held_too_long : Skip::none;
  }
  if (traits_of(edit.operation).in_element) return why_not_inside(edit);
  // Browsers put the element before the table; there is no tag of it there.
  if (inserted.moved && edit.operation != Operation::remove) return Skip::unsafe_region;
  // Comments do not follow the element into the head.
  if (inserted.in_closed_head && edit.content.find("<!") != std::string_view::npos) return Skip::unsafe_region;
  return edit.operation == Operation::after ? why_not_after() : why_not_instead(edit);
}

/// Browsers put what comes after the body or the page into the body.
Skip EditJudge::why_not_after() const {
  const Inserted& inserted = around_.inserted();
  const bool body =
      inserted.name_space == Namespace::html && (inserted.name.id == TagId::html || inserted.name.id == TagId::body);
  return body ? Skip::unsafe_region : Skip::none;
}

/// For content (or order) in the element.
Skip EditJudge::why_not_inside(const Edit& edit) const {
  const Inserted& inserted = around_.inserted();
  if (!inserted.open) return Skip::void_element;
  if (holds_text(inserted)) return why_not_in_text(edit);
  if (inserted.name_space == Namespace::html && text_mode_of(inserted.name.id) != TextMode::markup)
    return Skip::raw_text;
  const bool at_end_of_page = edit.operation == Operation::append && inserted.name.id == TagId::html;
  if (at_end_of_page && inserted.name_space == Namespace::html) return Skip::unsafe_region;  // it would be in the body
  if (inserted.name_space == Namespace::html && drops_line_end(inserted.name.id)) {
    if (edit.operation == Operation::prepend || begins_with_line_end(edit.content)) return Skip::unsafe_region;
  }
  if (edit.operation == Operation::reorder) return edit.order != nullptr ? Skip::none : Skip::unsafe_region;
  return edit.operation == Operation::append ? Skip::none : why_not_here(edit, Level::innermost);
}

/// At the start of a title or textarea.
Skip EditJudge::why_not_in_text(const Edit& edit) const {
  if (edit.operation == Operation::reorder) return Skip::raw_text;
  // The text that is there may begin with a line end that is left out only if it comes first.
  const bool joins = edit.operation == Operation::prepend && around_.inserted().name.id == TagId::textarea;
  return joins ? Skip::unsafe_region : Skip::none;
}

/// At the end of one.
Skip EditJudge::why_not_append_text(const Edit& edit, const Closed& closed, TagId element) const {
  if (const Skip skip = why_not_at_end(closed); skip != Skip::none) return skip;
  if (completes_reference(edit.content) || text_end() == TextEnd::less_than) return Skip::unsafe_region;
  // It could be the first thing there.
  const bool line_end = begins_with_line_end(edit.content);
  const bool joins = element == TagId::textarea || text_end() == TextEnd::carriage_return;
  return line_end && joins ? Skip::unsafe_region : Skip::none;
}

/// For `before`, `replace`, `remove`.
Skip EditJudge::why_not_instead(const Edit& edit) const {
  const Inserted& inserted = around_.inserted();
  const bool whole_page = replaces(edit) && inserted.name.id == TagId::html;
  if (inserted.name_space == Namespace::html) {  // nothing can take the place of these
    if (inserted.name.id == TagId::frameset) return Skip::unsafe_region;
    if (inserted.name.id == TagId::head && replaces(edit)) return Skip::unsafe_region;
    if (inserted.name.id == TagId::body) {
      if (edit.operation != Operation::remove) return Skip::unsafe_region;
      // A comment after it would then stand before the page's first element.
      if ((around_.start_effects().implied & implied_html) != 0) return Skip::unsafe_region;
    }
  }
  const bool line_end_follows = edit.content.empty() || begins_with_line_end(edit.content);
  if (line_end_follows && text_end() == TextEnd::carriage_return) return Skip::unsafe_region;
  if (completes_reference(edit.content)) return Skip::unsafe_region;
  if (line_end_follows && around_.start_effects().begins_pre) return Skip::unsafe_region;
  if (whole_page || inserted.displaces || !can_write_end_tags()) return Skip::unsafe_region;
  return why_not_here(edit, Level::in_front);
}

/// For content after what is there in the element of that level.
Skip EditJudge::why_not_here(const Edit& edit, Level level) const {
  if (edit.content.empty() && !replaces(edit)) return Skip::none;
  if (text_end() == TextEnd::less_than ||
      (around_.after_body() && (edit.content.empty() || begins_with_comment(edit.content))))
    return Skip::unsafe_region;
  if (around_.foreign(level) && edit.content.find('<') != std::string_view::npos) return Skip::foreign;
  return around_.takes(level, edit.content) ? Skip::none : Skip::unsafe_region;
}

Skip EditJudge::why_not_append(const Edit& edit, const Closed& closed) const {
  if (const Skip skip = why_not_at_end(closed); skip != Skip::none) return skip;
  if (completes_reference(edit.content)) return Skip::unsafe_region;
  return can_write_end_tags() ? why_not_here(edit, Level::innermost) : Skip::unsafe_region;
}

bool EditJudge::can_write_end_tags() const {
  const Inserted& ended = around_.outermost_ended();
  return !ended.inserted || (ended.safe && ended.name_space == Namespace::html && ended.name.id != TagId::unknown);
}

Skip EditJudge::why_not_at_end(const Closed& closed) const {
  if (closed.lost) return Skip::too_deep;
  if (!closed.safe) return Skip::unsafe_region;
  return truncated_ || closed.cut_off ? Skip::truncated : Skip::none;
}

}  // namespace personalize::html
