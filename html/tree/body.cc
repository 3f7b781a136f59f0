// The insertion mode "in body" (§13.2.6.4.7).
#include "html/tokens/ascii.h"
#include "html/tokens/attributes.h"
#include "html/tree/tree.h"

namespace personalize::html {

using enum TagId;

void Tree::start_in_body(const TreeTag& tag) {
  switch (tag_tables.start[static_cast<std::size_t>(tag.name.id)]) {
    case BodyStart::ordinary: reconstruct(); return insert(tag);
    case BodyStart::block: close_p(); return insert(tag);
    case BodyStart::heading:
      close_p();
      if (top().has(trait_heading)) pop();
      return insert(tag);
    case BodyStart::preformatted:
      close_p();
      frameset_ok_ = false;
      return insert(tag);
    case BodyStart::form:
      if (has_form_ && !in_template()) return;
      close_p();
      insert(tag);
      if (!in_template()) {
        has_form_ = true;
        form_frame_ = static_cast<std::uint16_t>(size_ - 1);
      }
      return;
    case BodyStart::item: return start_item(tag);
    case BodyStart::definition: return start_definition(tag);
    case BodyStart::plaintext: close_p(); return enter_raw(tag, TextMode::plaintext);
    case BodyStart::button:
      if ((top().scope & button_in_scope) != 0) {
        implied_end_tags();
        pop_through(button);
      }
      reconstruct();
      frameset_ok_ = false;
      return insert(tag);
    case BodyStart::anchor: return start_anchor(tag);
    case BodyStart::formatting:
      reconstruct();
      insert(tag);
      return push_formatting(tag);
    case BodyStart::nobr: return start_nobr(tag);
    case BodyStart::object:
      reconstruct();
      insert(tag);
      frameset_ok_ = false;
      return push_marker();
    case BodyStart::table:
      if (!quirks_) close_p();
      insert(tag);
      frameset_ok_ = false;
      mode_ = Mode::in_table;
      return;
    case BodyStart::empty:
      reconstruct();
      frameset_ok_ = false;
      return insert_void(tag);
    case BodyStart::input:
      reconstruct();
      switch (is_hidden_input(tag)) {
        case Known::no: frameset_ok_ = false; break;
        case Known::unknown: frameset_doubtful_ = true; break;
        case Known::yes: break;
      }
      return insert_void(tag);
    case BodyStart::empty_plain: return insert_void(tag);
    case BodyStart::rule:
      close_p();
      frameset_ok_ = false;
      return insert_void(tag);
    case BodyStart::image: {
      TreeTag renamed = tag;
      renamed.name = {img, 0};
      return start_in_body(renamed);
    }
    case BodyStart::textarea: frameset_ok_ = false; return enter_raw(tag, TextMode::rcdata);
    case BodyStart::xmp:
      close_p();
      reconstruct();
      frameset_ok_ = false;
      return enter_raw(tag, TextMode::rawtext);
    case BodyStart::iframe: frameset_ok_ = false; return enter_raw(tag, TextMode::rawtext);
    case BodyStart::raw: return enter_raw(tag, TextMode::rawtext);
    case BodyStart::select: return start_select(tag);
    case BodyStart::option:
      if (top().is(option)) pop();
      reconstruct();
      return insert(tag);
    case BodyStart::ruby_base:
      if (in_scope(ruby)) implied_end_tags();
      return insert(tag);
    case BodyStart::ruby_text:
      if (in_scope(ruby)) implied_end_tags(rtc);
      return insert(tag);
    case BodyStart::math: reconstruct(); return insert_foreign(tag, Namespace::mathml);
    case BodyStart::svg: reconstruct(); return insert_foreign(tag, Namespace::svg);
    case BodyStart::head_content: return start_in_head(tag);
    case BodyStart::body:
      if (size_ < 2 || !frames_[1].is(body) || find_open(template_) != size_) return;
      frameset_ok_ = false;
      return add_to_root(tag);
    case BodyStart::frameset: return start_frameset(tag);
    case BodyStart::html:
      if (find_open(template_) == size_) add_to_root(tag);
      return;
    case BodyStart::ignored: return;
  }
}

void Tree::start_nobr(const TreeTag& tag) {
  reconstruct();
  const bool displaces = in_scope(nobr);
  if (displaces) {
    adoption_agency(tag.name);
    reconstruct();
  }
  insert(tag);
  push_formatting(tag);
  inserted_.displaces |= displaces;
}

void Tree::start_item(const TreeTag& tag) {
  frameset_ok_ = false;
  for (std::size_t i = size_; i-- > 0;) {
    const Frame& frame = frames_[i];
    if (frame.is(li)) {
      implied_end_tags(li);
      pop_through(li);
      break;
    }
    if (!is_special(frame) || frame.is(address) || frame.is(div) || frame.is(p)) continue;
    doubt_search(i, [](const Frame& outer) { return outer.is(li); });
    break;
  }
  close_p();
  insert(tag);
}

void Tree::start_definition(const TreeTag& tag) {
  frameset_ok_ = false;
  for (std::size_t i = size_; i-- > 0;) {
    const Frame& frame = frames_[i];
    if (frame.is(dd) || frame.is(dt)) {
      const TagId id = frame.id;
      implied_end_tags(id);
      pop_through(id);
      break;
    }
    if (!is_special(frame) || frame.is(address) || frame.is(div) || frame.is(p)) continue;
    doubt_search(i, [](const Frame& outer) { return outer.is(dd) || outer.is(dt); });
    break;
  }
  close_p();
  insert(tag);
}

/// A search for an element has stopped at the special one at `index`. Parsers from before 2023 know no `search` element
/// and would go on; where they would find something, nothing is safe.
template <class Wanted>
void Tree::doubt_search(std::size_t index, Wanted wanted) {
  if (!frames_[index].is(search)) return;
  while (index-- > 0) {
    const Frame& frame = frames_[index];
    if (wanted(frame)) return mark_unsafe_from(index);
    if (is_special(frame) && !frame.is(search) && !frame.is(address) && !frame.is(div) && !frame.is(p)) return;
  }
}

void Tree::end_in_body(const TreeTag& tag) {
  const TagId id = tag.name.id;
  switch (tag_tables.end[static_cast<std::size_t>(id)]) {
    case BodyEnd::other: return end_other(tag.name);
    case BodyEnd::block:
      if (!in_scope(id)) return;
      implied_end_tags();
      return pop_through(id);
    case BodyEnd::template_: return end_template();
    case BodyEnd::body: return end_body();
    case BodyEnd::html:
      if (!in_scope(body)) return;
      end_body();
      return end_in_mode(tag);
    case BodyEnd::form: return end_form();
    case BodyEnd::paragraph:
      if ((top().scope & p_in_button_scope) == 0) insert_implied(p);
      return close_p();
    case BodyEnd::item:
      if (!in_scope(li, ol, ul)) return;
      implied_end_tags(li);
      return pop_through(li);
    case BodyEnd::definition:
      if (!in_scope(id)) return;
      implied_end_tags(id);
      return pop_through(id);
    case BodyEnd::heading:
      if (!any_in_scope(trait_heading)) return;
      implied_end_tags();
      while (!top().has(trait_heading)) pop();
      // The tag would end the one around this one if this one was gone.
      if (!top().is(id) && any_in_scope(trait_heading, size_ - 1u)) top().fate |= is_orphan | has_leaked;
      return pop();
    case BodyEnd::formatting: return adoption_agency(tag.name);
    case BodyEnd::object:
      if (!in_scope(id)) return;
      implied_end_tags();
      pop_through(id);
      return clear_to_marker();
    case BodyEnd::line_break: {
      reconstruct();
      insert_implied(br);
      frameset_ok_ = false;
      return pop();
    }
  }
}

void Tree::end_form() {
  if (in_template()) {
    if (!in_scope(form)) return;
    implied_end_tags();
    return pop_through(form);
  }
  const std::uint16_t index = form_frame_;
  has_form_ = false;
  form_frame_ = no_frame;
  if (index == no_frame) return;
  mark_leak_from(index + 1u);
  if (!frame_in_scope(index)) {
    frames_[index].fate |= is_orphan;  // it stays open, and no end tag can end it any more
    return;
  }
  implied_end_tags();
  if (index + 1u == size_) return pop();
  // What is open inside stays open and stays in the form, although the form is over.
  frames_[index].flags |= unsafe;
  frames_[index + 1].fate |= is_orphan;
  remove_frame(index);
}

void Tree::end_other(TagName name) {
  for (std::size_t i = size_; i-- > 0;) {
    if (frames_[i].is(name)) return pop_to(i);
    // Some parsers take an element of SVG or MathML for the one that is meant.
    if (frames_[i].name() == name) return mark_unsafe_from(i);
    if (is_special(frames_[i])) return doubt_search(i, [name](const Frame& outer) { return outer.is(name); });
  }
}

Tree::Known Tree::is_hidden_input(const TreeTag& tag) {
  AttributeCursor cursor(tag.attributes);
  AttributePlace place;
  while (cursor.next(place)) {
    if (tag_name(place.attribute.name) == tag_name("type"))
      return equals_ignoring_case(place.attribute.value, "hidden") ? Known::yes : Known::no;
  }
  return tag.cut_short ? Known::unknown : Known::no;
}

void Tree::text(std::string_view bytes) {
  forget_token();
  if (lost_) return;
  for (std::size_t at = 0; at < bytes.size() && wants_text(); ++at) {
    const char c = bytes[at];
    const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
    if (c == '\0' && mode_ >= Mode::in_body) continue;
    if (in_foreign_text()) {
      if (!space) frameset_ok_ = false;
    } else {
      text_in_mode(space);
    }
    if (lost_) lose();
    set_quick();
  }
}

void Tree::text_in_body(bool space) {
  reconstruct();
  if (!space) frameset_ok_ = false;
}

void Tree::text_in_mode(bool space) {
  switch (mode_) {
    case Mode::initial:
    case Mode::before_html:
    case Mode::before_head:
    case Mode::in_head:
    case Mode::after_head:
      if (space) return;
      head_is_complete(true);
      while (mode_ != Mode::in_body) start_before_body({{unknown, 0}, false, false, {}});
      return text_in_body(space);
    case Mode::in_table:
    case Mode::in_table_body:
    case Mode::in_row:
      if (top().has(trait_table_context)) {
        if (top().is(template_)) doubt_closed();
        if (space) return;
        mark_leak_from(find_open(table));
        foster_ = true;
        text_in_body(false);
        foster_ = false;
        return;
      }
      foster_ = true;
      text_in_body(space);
      foster_ = false;
      return;
    case Mode::in_column_group:
      if (space || !top().is(colgroup)) return;
      top().flags |= unsafe;  // blanks in front of the text are in the colgroup, but of the same token
      pop();
      mode_ = Mode::in_table;
      return text_in_mode(space);
    case Mode::in_body:
    case Mode::in_caption:
    case Mode::in_cell:
    case Mode::in_template: return text_in_body(space);
    case Mode::after_body:
    case Mode::after_after_body:
      if (!space) back_to_body();
      return text_in_body(space);
    case Mode::in_select:
    case Mode::in_select_in_table:
    case Mode::in_frameset:
    case Mode::after_frameset:
    case Mode::after_after_frameset: return;
  }
}

}  // namespace personalize::html
