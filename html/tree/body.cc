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
      if (open_.top().has(trait_heading)) pop();
      return insert(tag);
    case BodyStart::preformatted:
      close_p();
      frameset_ok_ = false;
      return insert(tag);
    case BodyStart::form:
      if (has_form_ && !open_.in_template()) return;
      close_p();
      insert(tag);
      if (!open_.in_template()) {
        has_form_ = true;
        form_frame_ = static_cast<std::uint16_t>(open_.size() - 1);
      }
      return;
    case BodyStart::item: return start_item(tag);
    case BodyStart::definition: return start_definition(tag);
    case BodyStart::plaintext: close_p(); return enter_raw(tag);
    case BodyStart::button:
      if ((open_.top().scope & button_in_scope) != 0) {
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
    case BodyStart::textarea: frameset_ok_ = false; return enter_raw(tag);
    case BodyStart::xmp:
      close_p();
      reconstruct();
      frameset_ok_ = false;
      return enter_raw(tag);
    case BodyStart::iframe: frameset_ok_ = false; return enter_raw(tag);
    case BodyStart::raw: return enter_raw(tag);
    case BodyStart::select: return start_select(tag);
    case BodyStart::option:
      if (open_.top().is(option)) pop();
      reconstruct();
      return insert(tag);
    case BodyStart::ruby_base:
      if (open_.in_scope(ruby)) implied_end_tags();
      return insert(tag);
    case BodyStart::ruby_text:
      if (open_.in_scope(ruby)) implied_end_tags(rtc);
      return insert(tag);
    case BodyStart::math: reconstruct(); return insert_foreign(tag, Namespace::mathml);
    case BodyStart::svg: reconstruct(); return insert_foreign(tag, Namespace::svg);
    case BodyStart::head_content: return start_head_content(tag);
    case BodyStart::body:
      if (open_.size() < 2 || !open_[1].is(body) || open_.has(template_)) return;
      frameset_ok_ = false;
      return add_to_root(tag);
    case BodyStart::frameset: return start_frameset(tag);
    case BodyStart::html:
      if (!open_.has(template_)) add_to_root(tag);
      return;
    case BodyStart::ignored: return;
  }
}

void Tree::start_nobr(const TreeTag& tag) {
  reconstruct();
  const bool displaces = open_.in_scope(nobr);
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
  for (std::size_t i = open_.size(); i-- > 0;) {
    const OpenElement& frame = open_[i];
    if (frame.is(li)) {
      implied_end_tags(li);
      pop_through(li);
      break;
    }
    if (!frame.is_special() || frame.is(address) || frame.is(div) || frame.is(p)) continue;
    doubt_search(i, [](const OpenElement& outer) { return outer.is(li); });
    break;
  }
  close_p();
  insert(tag);
}

void Tree::start_definition(const TreeTag& tag) {
  frameset_ok_ = false;
  for (std::size_t i = open_.size(); i-- > 0;) {
    const OpenElement& frame = open_[i];
    if (frame.is(dd) || frame.is(dt)) {
      const TagId id = frame.id;
      implied_end_tags(id);
      pop_through(id);
      break;
    }
    if (!frame.is_special() || frame.is(address) || frame.is(div) || frame.is(p)) continue;
    doubt_search(i, [](const OpenElement& outer) { return outer.is(dd) || outer.is(dt); });
    break;
  }
  close_p();
  insert(tag);
}

/// A search for an element has stopped at the special one at `index`. Parsers from before 2023 do not know `search` and
/// would go on; where they would find something, nothing is safe.
template <class Wanted>
void Tree::doubt_search(std::size_t index, Wanted wanted) {
  if (!open_[index].is(search)) return;
  while (index-- > 0) {
    const OpenElement& frame = open_[index];
    if (wanted(frame)) return open_.mark_unsafe_from(index);
    if (frame.is_special() && !frame.is(search) && !frame.is(address) && !frame.is(div) && !frame.is(p)) return;
  }
}

void Tree::end_in_body(const TreeTag& tag) {
  const TagId id = tag.name.id;
  switch (tag_tables.end[static_cast<std::size_t>(id)]) {
    case BodyEnd::other: return end_other(tag.name);
    case BodyEnd::block:
      if (!open_.in_scope(id)) return;
      implied_end_tags();
      return pop_through(id);
    case BodyEnd::template_: return end_template();
    case BodyEnd::body: return end_body();
    case BodyEnd::html:
      if (!open_.in_scope(body)) return;
      end_body();
      return end_in_mode(tag);
    case BodyEnd::form: return end_form();
    case BodyEnd::paragraph:
      if ((open_.top().scope & p_in_button_scope) == 0) insert_implied(p);
      return close_p();
    case BodyEnd::item:
      if (!open_.in_scope(li, ol, ul)) return;
      implied_end_tags(li);
      return pop_through(li);
    case BodyEnd::definition:
      if (!open_.in_scope(id)) return;
      implied_end_tags(id);
      return pop_through(id);
    case BodyEnd::heading:
      if (!open_.any_in_scope(trait_heading)) return;
      implied_end_tags();
      while (!open_.top().has(trait_heading)) pop();
      // Without this heading, the tag would end the one around it.
      if (!open_.top().is(id) && open_.any_in_scope(trait_heading, open_.size() - 1u))
        open_.top().fate |= is_orphan | has_leaked;
      return pop();
    case BodyEnd::formatting: return adoption_agency(tag.name);
    case BodyEnd::object:
      if (!open_.in_scope(id)) return;
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
  if (open_.in_template()) {
    if (!open_.in_scope(form)) return;
    implied_end_tags();
    return pop_through(form);
  }
  const std::uint16_t index = form_frame_;
  has_form_ = false;
  form_frame_ = no_frame;
  if (index == no_frame) return;
  open_.mark_leak_from(index + 1u);
  if (!open_.index_in_scope(index)) {
    open_[index].fate |= is_orphan;  // it stays open, and no end tag can end it any more
    return;
  }
  implied_end_tags();
  if (index + 1u == open_.size()) return pop();
  // What is open inside stays open, and in the form, although the form has ended.
  open_[index].flags |= unsafe;
  open_[index + 1].fate |= is_orphan;
  remove_frame(index);
}

void Tree::end_other(TagName name) {
  for (std::size_t i = open_.size(); i-- > 0;) {
    if (open_[i].is(name)) return pop_to(i);
    // Some parsers would end the element of SVG or MathML instead.
    if (open_[i].name() == name) return open_.mark_unsafe_from(i);
    if (open_[i].is_special()) return doubt_search(i, [name](const OpenElement& outer) { return outer.is(name); });
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

}  // namespace personalize::html
