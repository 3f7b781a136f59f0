#include "html/edits/element_edits.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "html/edits/insertion_safety.h"
#include "html/edits/tag_edit.h"
#include "html/selectors/compiled_selectors.h"

namespace personalize::html {
ElementEdits::ElementEdits(const Selectors& selectors, std::span<const Edit> edits, Output& output,
                           InsertionContext& context, std::size_t max_held_element)
    : selectors_(selectors),
      edits_(edits, selectors.size()),
      output_(output),
      around_(context),
      judge_(context),
      max_held_element_(max_held_element) {}

std::size_t ElementEdits::memory() const {
  std::size_t scopes = scopes_.capacity() * sizeof(Scope);
  for (const Scope& scope : scopes_) scopes += (scope.edits.capacity() + scope.dropping.capacity()) * sizeof(EditId);
  return sizeof *this + edits_.memory() + reorders_.memory() + scopes + tag_.capacity() +
         (matched_.capacity() + after_token_.capacity()) * sizeof(EditId) + verdicts_.capacity() * sizeof(Skip) +
         refused_.capacity() * sizeof(Refused);
}

void ElementEdits::match(SlotId slot, Skip refusal) {
  for (EditId edit : edits_.of(slot)) {
    edits_.note_match(edit);
    if (refusal != Skip::none) {
      refused_.push_back({edit, refusal});
    } else {
      matched_.push_back(edit);
    }
  }
}

void ElementEdits::start_tag(const EditedTag& tag) {
  std::sort(matched_.begin(), matched_.end());  // in the order in which they were given
  give_up_large();
  for (const Refused& refused : refused_) edits_.note(refused.edit, refused.why);  // after what was given up before
  refused_.clear();
  if (!matched_.empty()) judge_.set_encoding(tag.encoding);
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

/// Only now is it known whether the element has content (in SVG, `/>` ends it).
void ElementEdits::begin_content_of_long_tag() {
  tag_is_cut_short_ = false;
  const bool skipped = std::exchange(skip_token_, false);
  for (std::size_t i = 0; i < matched_.size(); ++i) {
    if (verdicts_[i] != Skip::none || !edits_.traits(matched_[i]).in_element) continue;
    if (judge_.truncated()) verdicts_[i] = Skip::truncated;
    if (!around_.inserted().open) verdicts_[i] = Skip::void_element;
  }
  begin_content(skipped || (hold_.open && hold_.replaces));
}

/// Fills `verdicts_`. True if the element is replaced.
bool ElementEdits::choose(const EditedTag& tag) {
  verdicts_.clear();
  for (EditId edit : matched_)
    verdicts_.push_back(dropping_ != none ? Skip::inside_edit : judge_.why_not(edits_[edit], tag));
  // If several replace the element or its content, the last one wins.
  bool replaced = false;
  bool emptied = false;
  bool sorted = false;
  for (std::size_t i = matched_.size(); i-- > 0;) {
    const Operation operation = edits_.operation(matched_[i]);
    if (verdicts_[i] != Skip::none) continue;
    bool* const once = traits_of(operation).replaces_element ? &replaced
                       : operation == Operation::inner       ? &emptied
                       : operation == Operation::reorder     ? &sorted
                                                             : nullptr;
    if (once == nullptr) continue;
    if (*once) verdicts_[i] = Skip::inside_edit;
    *once = true;
  }
  for (std::size_t i = 0; i < matched_.size(); ++i) {
    const Operation operation = edits_.operation(matched_[i]);
    const bool around =
        operation == Operation::before || operation == Operation::after || traits_of(operation).replaces_element;
    const bool gone = (replaced && !around) || (emptied && operation == Operation::reorder);
    if (gone && verdicts_[i] == Skip::none) verdicts_[i] = Skip::inside_edit;
  }
  return replaced;
}

/// Edits at the element's end are decided there.
void ElementEdits::note_chosen() {
  assert(verdicts_.size() == matched_.size());
  for (std::size_t i = 0; i < matched_.size(); ++i) {
    const Operation operation = edits_.operation(matched_[i]);
    const bool at_end =
        operation == Operation::append || operation == Operation::after || operation == Operation::reorder;
    const bool later = verdicts_[i] == Skip::none && at_end;
    if (!later) edits_.note(matched_[i], verdicts_[i]);
  }
}

void ElementEdits::put_content(EditId edit) {
  std::string scratch;
  const std::string_view content = edits_[edit].content;
  const std::string_view bytes = encoded(content, judge_.encoding(), scratch);
  if (bytes.data() == content.data()) {
    output_.insert(bytes);
  } else {
    output_.copy(bytes);
  }
}

/// In a title or textarea: all of the content shows. Only `<` would not, before `/title>`, and the first line end of a
/// textarea.
void ElementEdits::put_as_text(EditId edit, TagId element) {
  const std::string_view content = edits_[edit].content;
  const bool first = edits_.operation(edit) == Operation::inner && element == TagId::textarea;
  if (first && begins_with_line_end(content)) output_.copy("\n");
  if (content.find('<') == std::string_view::npos) return put_content(edit);
  std::string text, scratch;
  for (const char c : content) {
    if (c == '<')
      text += "&lt;";
    else
      text += c;
  }
  output_.copy(encoded(text, judge_.encoding(), scratch));
}

void ElementEdits::put_before() {
  if (hold_.open) hold_.before.begin = output_.captured().mark();
  bool first = true;
  for (std::size_t i = 0; i < matched_.size(); ++i) {
    const Operation operation = edits_.operation(matched_[i]);
    if (verdicts_[i] != Skip::none || (operation != Operation::before && !traits_of(operation).replaces_element))
      continue;
    write_end_tags();
    if (std::exchange(first, false)) write_start_tags(edits_[matched_[i]].content);
    if (operation == Operation::before) put_content(matched_[i]);
  }
  if (hold_.open) hold_.before.end = output_.captured().mark();
}

void ElementEdits::put_replacement() {
  if (hold_.open) hold_.instead.begin = output_.captured().mark();
  for (std::size_t i = 0; i < matched_.size(); ++i) {
    if (verdicts_[i] == Skip::none && edits_.operation(matched_[i]) == Operation::replace) put_content(matched_[i]);
  }
  if (hold_.open) hold_.instead.end = output_.captured().mark();
}

void ElementEdits::put_tag(const EditedTag& tag) {
  const auto is_attribute_edit = [&](std::size_t i) {
    return verdicts_[i] == Skip::none && edits_.traits(matched_[i]).changes_tag;
  };
  tag_.clear();
  for (std::size_t i = 0; i < matched_.size(); ++i) {
    if (!is_attribute_edit(i)) continue;
    if (tag_.empty()) tag_ = tag.bytes;
    if (tag.cut_short)
      edit_long_tag(tag_, edits_[matched_[i]], judge_.encoding());
    else
      edit_tag(tag_, edits_[matched_[i]], judge_.encoding());
  }
  if (tag_.empty() || tag_ == tag.bytes) return put(tag.bytes, tag.held);
  output_.copy(tag_);
}

void ElementEdits::put_start_of_content() {
  for (Operation operation : {Operation::prepend, Operation::inner}) {
    Range& range = operation == Operation::prepend ? hold_.prepended : hold_.inside;
    if (hold_.open) range.begin = output_.captured().mark();
    for (std::size_t i = 0; i < matched_.size(); ++i) {
      if (verdicts_[i] != Skip::none || edits_.operation(matched_[i]) != operation) continue;
      if (EditJudge::holds_text(around_.inserted()))
        put_as_text(matched_[i], around_.inserted().name.id);
      else
        put_content(matched_[i]);
      // New content of the outermost element needs a head and a body, as browsers' innerHTML adds them.
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
    const Operation operation = edits_.operation(matched_[i]);
    if (operation == Operation::append || operation == Operation::after) scope.edits.push_back(matched_[i]);
    if (operation == Operation::inner || traits_of(operation).replaces_element) {
      scope.dropping.push_back(matched_[i]);
      scope.drops_end_tag |= traits_of(operation).replaces_element;
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
    judge_.end_text();
    after_token_ = std::move(scope.edits);
    return;
  }
  scope.name = around_.inserted().name;
  scope.holds_text = EditJudge::holds_text(around_.inserted());
  scope.in_use = true;
  const std::size_t index = free_scope();
  assert(index < none);
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

}  // namespace personalize::html
