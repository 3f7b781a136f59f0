#include "html/edits/element_edits.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "html/edits/insertion_safety.h"
#include "html/edits/tag_edit.h"
#include "html/selectors/compiled_selectors.h"

namespace personalize::html {
namespace {

bool replaces(Operation operation) { return traits_of(operation).replaces_element; }
bool edits_tag(Operation operation) { return traits_of(operation).changes_tag; }
bool is_inside(Operation operation) { return traits_of(operation).in_element; }

}  // namespace

ElementEdits::ElementEdits(const Selectors& selectors, std::span<const Edit> edits, Output& output,
                           InsertionContext& context, std::size_t max_held_element)
    : selectors_(selectors),
      edits_(edits),
      output_(output),
      around_(context),
      max_held_element_(max_held_element),
      results_(edits.size()),
      by_slot_(edits.size()),
      first_of_(selectors.size() + 1) {
  std::iota(by_slot_.begin(), by_slot_.end(), EditId{0});
  std::stable_sort(by_slot_.begin(), by_slot_.end(),
                   [&](EditId a, EditId b) { return edits_[a].slot < edits_[b].slot; });
  for (const Edit& edit : edits_) {
    if (edit.slot + 1 < first_of_.size()) ++first_of_[edit.slot + 1];
  }
  std::partial_sum(first_of_.begin(), first_of_.end(), first_of_.begin());
}

std::size_t ElementEdits::memory() const {
  std::size_t scopes = scopes_.capacity() * sizeof(Scope);
  for (const Scope& scope : scopes_) scopes += (scope.edits.capacity() + scope.dropping.capacity()) * sizeof(EditId);
  return sizeof *this + reorders_.memory() + scopes + tag_.capacity() + results_.capacity() * sizeof(EditResult) +
         (by_slot_.capacity() + first_of_.capacity() + matched_.capacity() + after_token_.capacity()) * sizeof(EditId) +
         verdicts_.capacity() * sizeof(Skip);
}

void ElementEdits::match(SlotId slot, bool given_up) {
  for (std::size_t i = first_of_[slot]; i < first_of_[slot + 1]; ++i) {
    ++results_[by_slot_[i]].matches;
    if (given_up) {
      note(by_slot_[i], Skip::held_too_long);
    } else {
      matched_.push_back(by_slot_[i]);
    }
  }
}

void ElementEdits::start_tag(const EditedTag& tag) {
  std::sort(matched_.begin(), matched_.end());  // in the order in which they were given
  give_up_large();
  if (!matched_.empty()) encoding_here_ = tag.encoding;
  tag_is_out_ = false;
  const bool replaced = choose(tag);
  hold_ = {};
  if (is_to_be_held()) begin_hold(replaced);
  put_before();
  if (is_sorted_child()) begin_child(tag);
  put_replacement();
  if (!replaced) put_tag(tag);
  if (replaced && hold_.open) keep_dropped(tag);
  tag_is_out_ = !replaced || hold_.open;
  tag_is_cut_short_ = tag.cut_short;
  if (tag.cut_short)
    skip_token_ = !tag_is_out_;
  else
    begin_content(replaced);
}

/// The start tag is out, or has been replaced.
void ElementEdits::begin_content(bool replaced) {
  note_chosen();
  if (!replaced) put_start_of_content();
  open_scope();
}

/// Only now it is known whether the element has content (in SVG `/>` ends it).
void ElementEdits::begin_content_of_long_tag() {
  tag_is_cut_short_ = false;
  const bool skipped = std::exchange(skip_token_, false);
  for (std::size_t i = 0; i < matched_.size(); ++i) {
    if (verdicts_[i] != Skip::none || !is_inside(edits_[matched_[i]].operation)) continue;
    if (truncated_) verdicts_[i] = Skip::truncated;
    if (!around_.inserted().open) verdicts_[i] = Skip::void_element;
  }
  begin_content(skipped || (hold_.open && hold_.replaces));
}

/// Fills `verdicts_`. True if the element is replaced.
bool ElementEdits::choose(const EditedTag& tag) {
  verdicts_.clear();
  for (EditId edit : matched_) verdicts_.push_back(why_not(edits_[edit], tag));
  // Of several that replace the element or its content the last one wins.
  bool replaced = false;
  bool emptied = false;
  bool sorted = false;
  for (std::size_t i = matched_.size(); i-- > 0;) {
    const Operation operation = edits_[matched_[i]].operation;
    if (verdicts_[i] != Skip::none) continue;
    bool* const once = replaces(operation)               ? &replaced
                       : operation == Operation::inner   ? &emptied
                       : operation == Operation::reorder ? &sorted
                                                         : nullptr;
    if (once == nullptr) continue;
    if (*once) verdicts_[i] = Skip::inside_edit;
    *once = true;
  }
  for (std::size_t i = 0; i < matched_.size(); ++i) {
    const Operation operation = edits_[matched_[i]].operation;
    const bool around = operation == Operation::before || operation == Operation::after || replaces(operation);
    const bool gone = (replaced && !around) || (emptied && operation == Operation::reorder);
    if (gone && verdicts_[i] == Skip::none) verdicts_[i] = Skip::inside_edit;
  }
  return replaced;
}

/// Those at the element's end are decided there.
void ElementEdits::note_chosen() {
  for (std::size_t i = 0; i < matched_.size(); ++i) {
    const Operation operation = edits_[matched_[i]].operation;
    const bool at_end =
        operation == Operation::append || operation == Operation::after || operation == Operation::reorder;
    const bool later = verdicts_[i] == Skip::none && at_end;
    if (!later) note(matched_[i], verdicts_[i]);
  }
}

Skip ElementEdits::why_not(const Edit& edit, const EditedTag& tag) {
  const Inserted& inserted = around_.inserted();
  if (dropping_ != none) return Skip::inside_edit;
  if (encoding_here_ == Encoding::unsupported || !can_be_encoded(edit.content, encoding_here_)) return Skip::encoding;
  if (!inserted.safe) return Skip::unsafe_region;
  if (edits_tag(edit.operation)) {
    const bool needs_name = edit.operation == Operation::set_attribute || edit.operation == Operation::remove_attribute;
    if (needs_name && !is_attribute_name(edit.name)) return Skip::unsafe_region;
    return tag.cut_short && !can_edit_long_tag(tag.attributes, edit) ? Skip::held_too_long : Skip::none;
  }
  if (is_inside(edit.operation)) return why_not_inside(edit);
  // What browsers put in front of a table has its place there, but its tag has not.
  if (inserted.moved && edit.operation != Operation::remove) return Skip::unsafe_region;
  // Comments do not follow the element into the head.
  if (inserted.in_closed_head && edit.content.find("<!") != std::string_view::npos) return Skip::unsafe_region;
  return edit.operation == Operation::after ? why_not_after() : why_not_instead(edit);
}

/// What comes after the body or the page is put into the body by browsers.
Skip ElementEdits::why_not_after() {
  const Inserted& inserted = around_.inserted();
  const bool body =
      inserted.name_space == Namespace::html && (inserted.name.id == TagId::html || inserted.name.id == TagId::body);
  return body ? Skip::unsafe_region : Skip::none;
}

/// For content (or order) in the element.
Skip ElementEdits::why_not_inside(const Edit& edit) {
  const Inserted& inserted = around_.inserted();
  if (!inserted.open) return Skip::void_element;
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

/// For `before`, `replace`, `remove`.
Skip ElementEdits::why_not_instead(const Edit& edit) {
  const Inserted& inserted = around_.inserted();
  const bool whole_page = replaces(edit.operation) && inserted.name.id == TagId::html;
  if (inserted.name_space == Namespace::html) {  // there is nothing in their place
    if (inserted.name.id == TagId::frameset) return Skip::unsafe_region;
    if (inserted.name.id == TagId::head && replaces(edit.operation)) return Skip::unsafe_region;
    if (inserted.name.id == TagId::body) {
      if (edit.operation != Operation::remove) return Skip::unsafe_region;
      // A comment that comes after it would stand in front of the page's first element.
      if ((around_.start_effects().implied & implied_html) != 0) return Skip::unsafe_region;
    }
  }
  const bool line_end_follows = edit.content.empty() || begins_with_line_end(edit.content);
  if (line_end_follows && last_of_text_ == '\r') return Skip::unsafe_region;  // the two would be one line end
  if (line_end_follows && around_.start_effects().begins_pre) return Skip::unsafe_region;
  if (whole_page || inserted.displaces || !can_write_end_tags()) return Skip::unsafe_region;
  return why_not_here(edit, Level::in_front);
}

/// For content behind what is there in the element of that level.
Skip ElementEdits::why_not_here(const Edit& edit, Level level) {
  if (edit.content.empty() && !replaces(edit.operation)) return Skip::none;
  if (last_of_text_ == '<' || (around_.after_body() && (edit.content.empty() || begins_with_comment(edit.content))))
    return Skip::unsafe_region;
  if (around_.foreign(level) && edit.content.find('<') != std::string_view::npos) return Skip::foreign;
  return around_.takes(level, edit.content) ? Skip::none : Skip::unsafe_region;
}

void ElementEdits::put_content(EditId edit) {
  std::string scratch;
  const std::string_view content = edits_[edit].content;
  const std::string_view bytes = encoded(content, encoding_here_, scratch);
  if (bytes.data() == content.data()) {
    output_.insert(bytes);
  } else {
    output_.copy(bytes);
  }
}

void ElementEdits::put_before() {
  if (hold_.open) hold_.before.begin = output_.captured().mark();
  bool first = true;
  for (std::size_t i = 0; i < matched_.size(); ++i) {
    const Operation operation = edits_[matched_[i]].operation;
    if (verdicts_[i] != Skip::none || (operation != Operation::before && !replaces(operation))) continue;
    write_end_tags();
    if (std::exchange(first, false)) write_start_tags(edits_[matched_[i]].content);
    if (operation == Operation::before) put_content(matched_[i]);
  }
  if (hold_.open) hold_.before.end = output_.captured().mark();
}

void ElementEdits::put_replacement() {
  if (hold_.open) hold_.instead.begin = output_.captured().mark();
  for (std::size_t i = 0; i < matched_.size(); ++i) {
    if (verdicts_[i] == Skip::none && edits_[matched_[i]].operation == Operation::replace) put_content(matched_[i]);
  }
  if (hold_.open) hold_.instead.end = output_.captured().mark();
}

void ElementEdits::put_tag(const EditedTag& tag) {
  const auto is_attribute_edit = [&](std::size_t i) {
    return verdicts_[i] == Skip::none && edits_tag(edits_[matched_[i]].operation);
  };
  tag_.clear();
  for (std::size_t i = 0; i < matched_.size(); ++i) {
    if (!is_attribute_edit(i)) continue;
    if (tag_.empty()) tag_ = tag.bytes;
    if (tag.cut_short)
      edit_long_tag(tag_, edits_[matched_[i]], encoding_here_);
    else
      edit_tag(tag_, edits_[matched_[i]], encoding_here_);
  }
  if (tag_.empty() || tag_ == tag.bytes) return put(tag.bytes, tag.held);
  output_.copy(tag_);
}

void ElementEdits::put_start_of_content() {
  for (Operation operation : {Operation::prepend, Operation::inner}) {
    Range& range = operation == Operation::prepend ? hold_.prepended : hold_.inside;
    if (hold_.open) range.begin = output_.captured().mark();
    for (std::size_t i = 0; i < matched_.size(); ++i) {
      if (verdicts_[i] != Skip::none || edits_[matched_[i]].operation != operation) continue;
      put_content(matched_[i]);
      // A page whose outermost element gets new content needs head and body, as with browsers' innerHTML.
      if (operation == Operation::inner && selectors_.index().only_root(edits_[matched_[i]].slot)) {
        output_.copy("<head></head><body></body>");
      }
    }
    if (hold_.open) range.end = output_.captured().mark();
  }
  if (hold_.open) hold_.dropped.begin = output_.captured().mark();
}

/// Remembers what is to be done where the element ends; an element without content ends here.
void ElementEdits::open_scope() {
  Scope scope;
  const bool is_child = is_sorted_child();
  if (is_child) scope.child_of = reorders_.id();
  for (std::size_t i = 0; i < matched_.size(); ++i) {
    if (verdicts_[i] != Skip::none) continue;
    const Operation operation = edits_[matched_[i]].operation;
    if (operation == Operation::append || operation == Operation::after) scope.edits.push_back(matched_[i]);
    if (operation == Operation::inner || replaces(operation)) {
      scope.dropping.push_back(matched_[i]);
      scope.drops_end_tag |= replaces(operation);
    }
    if (operation == Operation::reorder) begin_reorder(scope, matched_[i]);
    if (hold_.open && (operation == Operation::before || operation == Operation::prepend))
      scope.held_edits.push_back(matched_[i]);
  }
  if (scope.edits.empty() && scope.dropping.empty() && !is_child && scope.sorts == Reorders::none && !hold_.open)
    return;
  if (!around_.inserted().open) {
    if (hold_.open) end_hold_of_void();
    if (is_child) child_ends_behind_token_ = reorders_.id();
    last_of_text_ = 0;
    after_token_ = std::move(scope.edits);
    return;
  }
  scope.name = around_.inserted().name;
  scope.in_use = true;
  const std::size_t index = free_scope();
  if (!scope.dropping.empty()) {
    scope.outside = around_.outside();
    dropping_ = static_cast<std::uint16_t>(index);
    keeps_dropped_ = hold_.open;
  }
  scope.held = hold_;
  if (hold_.open) ++held_;
  hold_.open = false;
  scopes_[index] = std::move(scope);
  around_.watch(static_cast<std::uint16_t>(index));
}

std::size_t ElementEdits::free_scope() {
  std::size_t index = 0;
  while (index < scopes_.size() && scopes_[index].in_use) ++index;
  if (index == scopes_.size()) scopes_.emplace_back();
  return index;
}

/// Elements that the token in hand has ended without their end tags can be given them, so that what is inserted in
/// front of the token stands outside of them.
bool ElementEdits::can_write_end_tags() const {
  const Inserted& ended = around_.outermost_ended();
  return !ended.inserted || (ended.safe && ended.name_space == Namespace::html && ended.name.id != TagId::unknown);
}

void ElementEdits::write_end_tag(TagId id) {
  output_.copy("</");
  output_.copy(to_string(id));
  output_.copy(">");
}

void ElementEdits::write_end_tags() {
  const Inserted& ended = around_.outermost_ended();
  if (!ended.inserted) return;
  write_end_tag(ended.name.id);
  around_.forget_ended();
}

void ElementEdits::closed(const Closed& closed) {
  Scope& scope = scopes_[closed.watch];
  if (scope.late != Late::no) return complete_head(scope, closed);
  if (!closed.final && scope.name.id == TagId::head) return end_head(scope, closed);
  if (closed.root_tag == TagId::body && scope.drops_end_tag) return;  // it goes with its element
  if (!closed.final && !closed.by_end_tag && !scope.done) return;
  if (!closed.final && dropping_ != closed.watch && !around_.innermost_is(scope.name)) {
    return;  // `</body>` while something else is open: what is appended waits for the end of the page
  }
  give_up_large();
  if (dropping_ == closed.watch) finish_drop(scope, closed);
  if (!scope.done) {
    scope.done = true;
    if (scope.held.open) settle_insertions(scope, closed);
    if (scope.sorts != Reorders::none) end_reorder(scope, closed);
    append_at_end(scope, closed);
    if (scope.child_of != Reorders::none) end_child(scope, closed);
    put_after(scope, closed);
    if (scope.held.open) end_hold(scope);
  }
  if (closed.final) scope.in_use = false;
}

void ElementEdits::goes_on(std::uint16_t watch) {
  if (scopes_[watch].name.id == TagId::head) return begin_late_head(scopes_[watch]);
  if (dropping_ == none && scopes_[watch].dropped) dropping_ = watch;
}

void ElementEdits::finish_drop(Scope& scope, const Closed& closed) {
  if (scope.held.open) {
    scope.held.dropped.end = output_.captured().mark();
    settle_drop(scope, why_not_drop(scope, closed));
  }
  dropping_ = none;
  keeps_dropped_ = false;
  scope.dropped = !scope.dropping.empty();
  if (!scope.dropped) return;
  around_.forget_ended();
  if (scope.drops_end_tag && closed.final) around_.end_tag_written();
  last_of_text_ = 0;
  skip_token_ = scope.drops_end_tag && closed.by_end_tag;
  if (closed.lost && !scope.done) take_back(scope.dropping, Skip::too_deep);
}

/// Edits that were counted as applied have not been.
void ElementEdits::take_back(std::span<const EditId> edits, Skip skip) {
  for (EditId edit : edits) {
    --results_[edit].applied;
    note(edit, skip);
  }
}

Skip ElementEdits::why_not_append(EditId edit, const Closed& closed) {
  if (closed.lost) return Skip::too_deep;
  if (!closed.safe) return Skip::unsafe_region;
  if (truncated_ || closed.cut_off) return Skip::truncated;
  return can_write_end_tags() ? why_not_here(edits_[edit], Level::innermost) : Skip::unsafe_region;
}

void ElementEdits::append_at_end(Scope& scope, const Closed& closed) {
  for (EditId edit : scope.edits) {
    if (edits_[edit].operation != Operation::append) continue;
    const Skip skip = why_not_append(edit, closed);
    note(edit, skip);
    if (skip != Skip::none) continue;
    write_end_tags();
    put_content(edit);
  }
}

void ElementEdits::put_after(Scope& scope, const Closed& closed) {
  for (EditId edit : scope.edits) {
    if (edits_[edit].operation != Operation::after) continue;
    if (closed.by_end_tag && closed.safe && !closed.orphaned) {
      after_token_.push_back(edit);
      continue;
    }
    Skip skip = closed.lost ? Skip::too_deep : !closed.safe ? Skip::unsafe_region : Skip::none;
    if (skip == Skip::none && (truncated_ || closed.cut_off)) skip = Skip::truncated;
    if (skip == Skip::none && closed.orphaned) skip = Skip::unsafe_region;
    const bool gone = scope.drops_end_tag;
    const bool needs_end_tag = !gone && !scope.end_tag_written;
    if (skip == Skip::none && needs_end_tag && (scope.name.id == TagId::unknown || !around_.end_tag_would_do())) {
      skip = Skip::unsafe_region;
    }
    if (skip == Skip::none) skip = why_not_here(edits_[edit], Level::around_it);
    note(edit, skip);
    if (skip != Skip::none) continue;
    if (needs_end_tag) {
      write_end_tag(scope.name.id);
      scope.end_tag_written = true;
      around_.end_tag_written();
      end_child(scope.child_of, {});
    }
    put_content(edit);
  }
}

/// Behind the end tag in hand (or the tag of an element without content). If the page ends in that tag there is no
/// such place.
void ElementEdits::put_behind_tag() {
  skip_token_ = false;
  if (child_ends_behind_token_ != Reorders::none) {
    end_child(child_ends_behind_token_, {});
    child_ends_behind_token_ = Reorders::none;
  }
  for (EditId edit : after_token_) {
    if (edits_[edit].operation != Operation::after) continue;
    const Skip skip = truncated_ ? Skip::truncated : why_not_here(edits_[edit], Level::innermost);
    note(edit, skip);
    if (skip == Skip::none) put_content(edit);
  }
  after_token_.clear();
}

void ElementEdits::note(EditId edit, Skip skip) {
  EditResult& result = results_[edit];
  if (skip == Skip::none) {
    ++result.applied;
    if (result.reason == Skip::no_match) result.reason = Skip::none;
  } else if (result.reason == Skip::no_match || result.reason == Skip::none) {
    result.reason = skip;
  }
}

}  // namespace personalize::html
