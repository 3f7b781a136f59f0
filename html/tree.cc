#include "html/tree.h"

#include <algorithm>
#include <cstring>

namespace personalize::html {

using enum TagId;

Tree::Tree(TreeListener& listener) : listener_(listener) {}

Tree::Tree(const Tree& other, std::size_t open, TreeListener& listener)
    : listener_(listener),
      size_(open),
      frameset_ok_(false),
      quirks_(other.quirks_),
      has_head_(other.has_head_),
      has_form_(other.has_form_),
      form_frame_(other.form_frame_ < open ? other.form_frame_ : no_frame),
      formatting_count_(other.formatting_count_),
      template_count_(other.template_count_) {
  for (std::size_t i = 0; i < open; ++i) {
    frames_[i] = other.frames_[i];
    frames_[i].watch = 0;
    frames_[i].flags |= watched;
  }
  for (std::size_t i = 0; i < formatting_count_; ++i) {
    formatting_[i] = other.formatting_[i];
    if (formatting_[i].frame != no_frame && formatting_[i].frame >= open) formatting_[i].frame = no_frame;
  }
  for (std::size_t i = 0; i < template_count_; ++i) template_modes_[i] = other.template_modes_[i];
  count_closed();
  reset_mode();
  set_quick();
}

void Tree::start_tag(const TreeTag& tag) {
  forget_token();
  if (start_quickly(tag.name, !tag.attributes.empty() || tag.cut_short)) return note_quick_start(tag.name);
  text_mode_ = TextMode::markup;
  if (lost_) return lost_start_tag(tag);
  if (size_ != 0 && start_is_foreign(tag)) {
    start_foreign(tag);
  } else {
    start_in_mode(tag);
  }
  if (lost_) lose();
  set_quick();
}

void Tree::end_tag(const TreeTag& tag) {
  forget_token();
  if (end_quickly(tag.name)) return;
  const bool raw = text_mode_ != TextMode::markup;
  text_mode_ = TextMode::markup;
  if (lost_) return;
  in_end_tag_ = true;
  end_tag_ = tag.name;
  if (raw) {
    pop();
  } else if (size_ != 0 && !top().html()) {
    end_foreign(tag);
  } else {
    end_in_mode(tag);
  }
  in_end_tag_ = false;
  if (lost_) lose();
  set_quick();
}

void Tree::forget_token() {
  inserted_.inserted = false;
  outermost_ended_.inserted = false;
  implied_count_ = 0;
}

void Tree::set_quick() {
  const bool in_body = mode_ == Mode::in_body || mode_ == Mode::in_cell;
  quick_ = in_body && !frameset_ok_ && !lost_ && size_ != 0 && text_mode_ == TextMode::markup;
}

void Tree::end() {
  in_end_tag_ = false;
  forget_token();
  at_end_ = true;
  pop_to(0);
}

bool Tree::takes_text() const {
  if (size_ == 0 || text_mode_ != TextMode::markup) return false;
  if (in_foreign_text()) return true;
  const bool table_part = top().has(trait_table_context) && !top().is(template_);
  return !table_part && !top().is(colgroup) && !top().is(frameset) && !top().is(head) && !top().is(html);
}

void Tree::give_up() {
  forget_token();
  if (lost_) return;
  lost_ = true;
  lose();
  set_quick();
}

/// What is read as text stays text, whatever the tree looks like.
void Tree::lost_start_tag(const TreeTag& tag) {
  switch (tag.name.id) {
    case title:
    case textarea: text_mode_ = TextMode::rcdata; break;
    case style:
    case xmp:
    case iframe:
    case noembed:
    case noframes:
    case noscript: text_mode_ = TextMode::rawtext; break;
    case script: text_mode_ = TextMode::script; break;
    case plaintext: text_mode_ = TextMode::plaintext; break;
    default: break;
  }
  text_element_ = tag.name.id;
}

void Tree::watch(std::uint16_t watch) {
  top().watch = watch;
  top().flags |= watched;
}

Tree::Frame* Tree::push(TagName name, Namespace name_space) {
  if (size_ == max_depth) {
    lost_ = true;
    return &top();
  }
  Frame& frame = frames_[size_];
  frame = {.hash = name.hash,
           .children = 0,
           .watch = not_watched,
           .depth = 0,
           .id = name.id,
           .flags = static_cast<std::uint8_t>(name_space),
           .scope = 0};
  if (size_ != 0) {
    const Frame& parent = top();
    frame.depth = static_cast<std::uint16_t>(parent.depth + 1);
    frame.flags |= parent.flags & unsafe;
    frame.scope = parent.scope;
  }
  if (name_space == Namespace::html) {
    if (has_trait(name.id, trait_scope)) frame.scope &= in_template_contents;
    if (name.id == p) frame.scope |= p_in_button_scope;
    if (name.id == button) frame.scope = (frame.scope & in_template_contents) | button_in_scope;
    if (name.id == template_) frame.scope |= in_template_contents;
  } else if (is_scope_boundary(frame)) {
    frame.scope &= in_template_contents;
  }
  ++size_;
  return &frame;
}

bool Tree::is_scope_boundary(const Frame& frame) {
  switch (frame.name_space()) {
    case Namespace::html: return has_trait(frame.id, trait_scope);
    case Namespace::svg: return frame.id == foreignobject || frame.id == desc || frame.id == title;
    default:
      return frame.id == mi || frame.id == mo || frame.id == mn || frame.id == ms || frame.id == mtext ||
             frame.id == annotation_xml;
  }
}

bool Tree::is_special(const Frame& frame) {
  return frame.html() ? has_trait(frame.id, trait_special) : is_scope_boundary(frame);
}

/// Before it is pushed: an element of `name` in the current one.
void Tree::note_inserted(Inserted& note, TagName name, Namespace name_space, bool open) {
  note.name = name;
  note.name_space = name_space;
  note.inserted = true;
  note.open = open;
  note.safe = true;
  note.in_template = in_template();
  note.moved = false;
  note.in_closed_head = false;
  note.depth = depth();
  note.child_index = 1;
  if (size_ == 0) return;
  Frame& parent = top();
  note.child_index = ++parent.children;
  note.safe = (parent.flags & unsafe) == 0;
  note.moved = foster_ && parent.has(trait_table_context);
}

void Tree::insert(const TreeTag& tag) {
  note_inserted(inserted_, tag.name, Namespace::html, true);
  push(tag.name);
}

void Tree::insert_void(const TreeTag& tag) { note_inserted(inserted_, tag.name, Namespace::html, false); }

void Tree::insert_implied(TagId id) {
  Inserted ignored;
  Inserted& note = implied_count_ < implied_.size() ? implied_[implied_count_++] : ignored;
  note_inserted(note, {id, 0}, Namespace::html, true);
  push({id, 0})->flags |= synthetic;
}

void Tree::close_frame(std::size_t index) {
  Frame& frame = frames_[index];
  if ((frame.flags & formatting) != 0 && !at_end_) {
    formatting_closed(index);
  }
  if (form_frame_ == index) form_frame_ = no_frame;
  if ((frame.flags & watched) == 0) return;
  if (index < 2 && ((frame.is(body) && body_ended_) || (frame.is(html) && html_ended_))) return;
  const bool by_end_tag = in_end_tag_ && frame.name() == end_tag_ && (frame.flags & synthetic) == 0;
  const bool in_text = text_mode_ != TextMode::markup && text_mode_ != TextMode::plaintext;
  const bool cut_off = at_end_ && (in_text || (frame.scope & in_template_contents) != 0);
  listener_.closed(
      {frame.watch, by_end_tag, (frame.flags & unsafe) == 0, lost_, true, (frame.flags & formatting) != 0, cut_off});
  if (at_end_) text_mode_ = TextMode::markup;
}

void Tree::pop() { pop_to(size_ - 1); }

void Tree::pop_to(std::size_t size) {
  while (size_ > size) {
    close_frame(size_ - 1);
    --size_;
    note_ended(frames_[size_]);
  }
}

/// Pops until an element of that name has been popped.
void Tree::pop_through(TagId id) {
  const std::size_t index = find_open(id);
  if (index != size_) pop_to(index);
}

/// Index of the innermost open HTML element of that name, or `size_`.
std::size_t Tree::find_open(TagId id) const {
  for (std::size_t i = size_; i-- > 0;) {
    if (frames_[i].is(id)) return i;
  }
  return size_;
}

void Tree::remove_frame(std::size_t index) {
  close_frame(index);
  std::move(frames_.begin() + static_cast<std::ptrdiff_t>(index) + 1,
            frames_.begin() + static_cast<std::ptrdiff_t>(size_), frames_.begin() + static_cast<std::ptrdiff_t>(index));
  --size_;
  frames_moved(index, -1);
}

/// Frames from `from` on (as numbered before) have moved by `by`.
void Tree::frames_moved(std::size_t from, int by) {
  const auto shift = [&](std::uint16_t& frame) {
    if (frame != no_frame && frame >= from) frame = static_cast<std::uint16_t>(frame + by);
  };
  for (std::size_t i = 0; i < formatting_count_; ++i) shift(formatting_[i].frame);
  shift(form_frame_);
}

void Tree::mark_unsafe_from(std::size_t index) {
  for (; index < size_; ++index) frames_[index].flags |= unsafe;
}

/// From here on nothing is known.
void Tree::lose() {
  in_end_tag_ = false;
  inserted_.inserted = false;
  implied_count_ = 0;
  formatting_count_ = 0;
  closed_formatting_ = 0;
  pop_to(0);
}

bool Tree::in_scope(TagId id, TagId boundary1, TagId boundary2) const {
  for (std::size_t i = size_; i-- > 0;) {
    const Frame& frame = frames_[i];
    if (frame.is(id)) return true;
    if (is_scope_boundary(frame) || (boundary1 != unknown && frame.is(boundary1)) ||
        (boundary2 != unknown && frame.is(boundary2))) {
      return false;
    }
  }
  return false;
}

bool Tree::any_in_scope(std::uint32_t trait) const {
  for (std::size_t i = size_; i-- > 0;) {
    if (frames_[i].has(trait)) return true;
    if (is_scope_boundary(frames_[i])) return false;
  }
  return false;
}

/// Some parsers look past a template here; where that would make a difference, nothing is safe.
template <class Wanted>
bool Tree::find_in_table_scope(Wanted wanted) {
  bool past_template = false;
  for (std::size_t i = size_; i-- > 0;) {
    if (wanted(frames_[i])) {
      if (past_template) mark_unsafe_from(i);
      return !past_template;
    }
    if (frames_[i].is(table) || frames_[i].is(html)) return false;
    past_template |= frames_[i].is(template_);
  }
  return false;
}

bool Tree::in_table_scope(TagId id) {
  return find_in_table_scope([id](const Frame& frame) { return frame.is(id); });
}

bool Tree::any_in_table_scope(std::uint32_t trait) {
  return find_in_table_scope([trait](const Frame& frame) { return frame.has(trait); });
}

bool Tree::in_select_scope() const {
  for (std::size_t i = size_; i-- > 0;) {
    if (frames_[i].is(select)) return true;
    if (!frames_[i].is(option) && !frames_[i].is(optgroup)) return false;
  }
  return false;
}

void Tree::implied_end_tags(TagId except) {
  while (top().has(trait_implied_end) && top().id != except) pop();
}

void Tree::implied_end_tags_thoroughly() {
  while (top().has(trait_implied_thorough)) pop();
}

void Tree::close_p() {
  if ((top().scope & p_in_button_scope) != 0) pop_through(p);
}

/// The element's content is text up to its end tag.
void Tree::enter_raw(const TreeTag& tag, TextMode mode) {
  insert(tag);
  text_mode_ = mode;
  text_element_ = tag.name.id;
}

void Tree::reset_mode() {
  for (std::size_t i = size_; i-- > 0;) {
    const Frame& frame = frames_[i];
    if (!frame.html()) continue;
    switch (frame.id) {
      case select:
        mode_ = Mode::in_select;
        for (std::size_t k = i; k-- > 0 && !frames_[k].is(template_);) {
          if (frames_[k].is(table)) mode_ = Mode::in_select_in_table;
        }
        return;
      case td:
      case th: mode_ = Mode::in_cell; return;
      case tr: mode_ = Mode::in_row; return;
      case tbody:
      case thead:
      case tfoot: mode_ = Mode::in_table_body; return;
      case caption: mode_ = Mode::in_caption; return;
      case colgroup: mode_ = Mode::in_column_group; return;
      case table: mode_ = Mode::in_table; return;
      case template_: mode_ = template_count_ != 0 ? template_modes_[template_count_ - 1] : Mode::in_body; return;
      case head: mode_ = Mode::in_head; return;
      case body: mode_ = Mode::in_body; return;
      case frameset: mode_ = Mode::in_frameset; return;
      case html: mode_ = has_head_ ? Mode::after_head : Mode::before_head; return;
      default: break;
    }
  }
  mode_ = Mode::in_body;
}

void Tree::start_in_mode(const TreeTag& tag) {
  switch (mode_) {
    case Mode::initial:
    case Mode::before_html:
    case Mode::before_head:
    case Mode::in_head:
    case Mode::after_head:
      if (start_before_body(tag)) return;
      return start_in_mode(tag);
    case Mode::in_body: return start_in_body(tag);
    case Mode::in_table: return start_in_table(tag);
    case Mode::in_caption: return start_in_caption(tag);
    case Mode::in_column_group: return start_in_column_group(tag);
    case Mode::in_table_body: return start_in_table_body(tag);
    case Mode::in_row: return start_in_row(tag);
    case Mode::in_cell: return start_in_cell(tag);
    case Mode::in_select:
    case Mode::in_select_in_table: return start_in_select(tag);
    case Mode::in_template: return start_in_template(tag);
    case Mode::after_body:
    case Mode::after_after_body:
      if (tag.name.id == html) return;
      mode_ = Mode::in_body;
      return start_in_mode(tag);
    case Mode::in_frameset:
    case Mode::after_frameset:
    case Mode::after_after_frameset: return start_in_frameset(tag);
  }
}

void Tree::end_in_mode(const TreeTag& tag) {
  switch (mode_) {
    case Mode::initial:
    case Mode::before_html:
    case Mode::before_head:
    case Mode::in_head:
    case Mode::after_head:
      if (end_before_body(tag)) return;
      return end_in_mode(tag);
    case Mode::in_body: return end_in_body(tag);
    case Mode::in_table: return end_in_table(tag);
    case Mode::in_caption: return end_in_caption(tag);
    case Mode::in_column_group: return end_in_column_group(tag);
    case Mode::in_table_body: return end_in_table_body(tag);
    case Mode::in_row: return end_in_row(tag);
    case Mode::in_cell: return end_in_cell(tag);
    case Mode::in_select:
    case Mode::in_select_in_table: return end_in_select(tag);
    case Mode::in_template:
      if (tag.name.id == template_) end_template();
      return;
    case Mode::after_body:
      if (tag.name.id == html) return end_html();
      mode_ = Mode::in_body;
      return end_in_mode(tag);
    case Mode::after_after_body: mode_ = Mode::in_body; return end_in_mode(tag);
    case Mode::in_frameset:
    case Mode::after_frameset:
    case Mode::after_after_frameset: return end_in_frameset(tag);
  }
}

}  // namespace personalize::html
