// Edits that can turn out to be wrong when their element ends: what is written for them is held until then.
//
// Leaving out an element's content is wrong if something in it had an effect outside: an end tag that closed what was
// opened around it, a formatting element that is opened again after it, a second `<body>` tag, what is put before
// a table. Content at the start of an element, or before it, is wrong if the element is moved later. In a stream, that
// is known only at the end.
#include <algorithm>
#include <cassert>

#include "html/edits/element_edits.h"
#include "html/selectors/compiled_selectors.h"

namespace personalize::html {

bool ElementEdits::is_to_be_held() const {
  const Inserted& inserted = around_.inserted();
  if (!inserted.open) return false;
  const bool is_table = inserted.name_space == Namespace::html && inserted.name.id == TagId::table;
  for (std::size_t i = 0; i < matched_.size(); ++i) {
    if (verdicts_[i] != Skip::none) continue;
    switch (edits_.operation(matched_[i])) {
      case Operation::inner:
      case Operation::replace:
      case Operation::remove: return true;
      case Operation::before:
        if (is_table) return true;
        [[fallthrough]];
      case Operation::prepend:
        if (around_.start_effects().may_move) return true;
        break;
      default: break;
    }
  }
  return false;
}

void ElementEdits::begin_hold(bool replaces) {
  begin_capture();
  hold_.open = true;
  hold_.replaces = replaces;
  hold_.may_move = around_.start_effects().may_move;
}

void ElementEdits::begin_capture() {
  if (!output_.capturing()) output_.capture();
}

/// The current tag is the first thing that is left out.
void ElementEdits::keep_dropped(const EditedTag& tag) {
  assert(output_.capturing());
  hold_.dropped.begin = output_.captured().mark();
  put(tag.bytes, tag.held);
}

/// A long tag turns out to have no content.
void ElementEdits::end_hold_of_void() {
  if (hold_.replaces) output_.erase(hold_.dropped.begin, output_.captured().mark());
  hold_.open = false;
  release();
}

Skip ElementEdits::why_not_drop(const Scope& scope, const Closed& closed) const {
  if (closed.lost) return Skip::too_deep;
  const bool unsafe = !closed.safe || closed.moved || around_.leaks(closed, scope.outside);
  return unsafe ? Skip::unsafe_region : Skip::none;
}

void ElementEdits::note_payment() {
  give_up_large();
  reorders_.note_payment();
  if (dropping_ == none || !scopes_[dropping_].held.open) return;
  Scope& scope = scopes_[dropping_];
  const bool guarded = std::any_of(scope.dropping.begin(), scope.dropping.end(), [this](EditId edit) {
    return selectors_.index().guards_payment(edits_[edit].slot);
  });
  if (!guarded) return;
  stop_dropping(scope);
  settle_drop(scope, Skip::payment);
}

/// Leaves out the content, or the edits that replace it.
void ElementEdits::settle_drop(Scope& scope, Skip skip) {
  if (skip == Skip::none) return output_.erase(scope.held.dropped.begin, scope.held.dropped.end);
  output_.erase(scope.held.instead.begin, scope.held.instead.end);
  output_.erase(scope.held.inside.begin, scope.held.inside.end);
  edits_.take_back(scope.dropping, skip);
  scope.dropping.clear();
  if (scope.drops_end_tag && scope.held_edits.empty()) output_.erase(scope.held.before.begin, scope.held.before.end);
  scope.drops_end_tag = false;
}

/// Keeps content before the element and at its start, or takes those edits back.
void ElementEdits::settle_insertions(Scope& scope, const Closed& closed) {
  const bool table_leaks = scope.name.id == TagId::table && closed.leaks;
  if (scope.held_edits.empty() || !(closed.moved || !closed.safe || table_leaks)) return;
  std::vector<EditId> wrong;
  for (EditId edit : scope.held_edits) {
    const bool before = edits_.operation(edit) == Operation::before;
    if (before || closed.moved || !closed.safe) wrong.push_back(edit);
  }
  if (scope.dropping.empty() || !scope.drops_end_tag) output_.erase(scope.held.before.begin, scope.held.before.end);
  if (closed.moved || !closed.safe) output_.erase(scope.held.prepended.begin, scope.held.prepended.end);
  edits_.take_back(wrong, Skip::unsafe_region);
}

void ElementEdits::end_hold(Scope& scope) {
  assert(scope.held.open && held_ != 0);
  scope.held.open = false;
  --held_;
  release();
}

void ElementEdits::release() {
  if (!holding() && output_.capturing()) output_.release();
}

/// More is held than allowed: edits are made, unless the element may still be moved; children stay in the page's order.
void ElementEdits::give_up_large() {
  if (!output_.capturing() || output_.captured().size() <= max_held_element_) return;
  for (std::size_t i = 0; i < scopes_.size(); ++i) {
    if (scopes_[i].in_use && scopes_[i].held.open) give_up_hold(i);
  }
  while (!reorders_.empty()) {
    edits_.note(reorders_.edit(), Skip::held_too_long);
    reorders_.finish(output_.captured(), false);
  }
  release();
}

void ElementEdits::give_up_hold(std::size_t index) {
  Scope& scope = scopes_[index];
  assert(scope.held.open && held_ != 0);
  const bool drops = dropping_ == index;
  if (scope.held.may_move) {
    for (const Range& range : {scope.held.before, scope.held.instead, scope.held.prepended, scope.held.inside})
      output_.erase(range.begin, range.end);
    edits_.take_back(scope.dropping, Skip::held_too_long);
    edits_.take_back(scope.held_edits, Skip::held_too_long);
    scope.dropping.clear();
    scope.held_edits.clear();
    scope.drops_end_tag = false;
    if (drops) dropping_ = none;
  } else if (drops) {
    output_.erase(scope.held.dropped.begin, output_.captured().mark());
  } else if (scope.late == Late::unknown) {
    output_.erase(scope.held.dropped.begin, scope.held.dropped.end);
  }
  if (drops) keeps_dropped_ = false;
  scope.held.open = false;
  --held_;
}

void ElementEdits::abandon() noexcept {
  for (const Scope& scope : scopes_) {
    if (!scope.in_use || !scope.held.open) continue;
    output_.erase_marked(scope.held.instead.begin, scope.held.instead.end);
    output_.erase_marked(scope.held.inside.begin, scope.held.inside.end);
    output_.erase_marked(scope.held.appended.begin, scope.held.appended.end);
    if (!scope.held.may_move) continue;
    output_.erase_marked(scope.held.before.begin, scope.held.before.end);
    output_.erase_marked(scope.held.prepended.begin, scope.held.prepended.end);
  }
}

}  // namespace personalize::html
