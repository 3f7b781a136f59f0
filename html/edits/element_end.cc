// What edits write where an element ends.
#include <cassert>

#include "html/edits/element_edits.h"

namespace personalize::html {

void ElementEdits::closed(const Closed& closed) {
  assert(closed.watch < scopes_.size() && scopes_[closed.watch].in_use);
  Scope& scope = scopes_[closed.watch];
  if (scope.late != Late::no) return complete_head(scope, closed);
  if (!closed.final && scope.name.id == TagId::head) return end_head(scope, closed);
  if (closed.root_tag == TagId::body && scope.drops_end_tag) return;  // it goes with its element
  if (!closed.final && !closed.by_end_tag && !scope.done) return;
  if (!closed.final && dropping_ != closed.watch && !around_.innermost_is(scope.name)) {
    return;  // `</body>` while something else is open: appended content waits for the end of the page
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
  assert(watch < scopes_.size() && scopes_[watch].in_use);
  if (scopes_[watch].name.id == TagId::head) return begin_late_head(scopes_[watch]);
  if (dropping_ == none && scopes_[watch].dropped) dropping_ = watch;
}

void ElementEdits::finish_drop(Scope& scope, const Closed& closed) {
  stop_dropping(scope);
  if (scope.held.open) settle_drop(scope, why_not_drop(scope, closed));
  scope.dropped = !scope.dropping.empty();
  if (!scope.dropped) return;
  forget_dropped();
  if (scope.drops_end_tag && closed.final) around_.end_tag_written();
  skip_token_ = scope.drops_end_tag && closed.by_end_tag && closed.root_tag == TagId::unknown;
  if (closed.lost && !scope.done) edits_.take_back(scope.dropping, Skip::too_deep);
}

/// The content that is left out ends here.
void ElementEdits::stop_dropping(Scope& scope) {
  if (scope.held.open) scope.held.dropped.end = output_.captured().mark();
  dropping_ = none;
  keeps_dropped_ = false;
}

/// What has been left out has ended no elements, and its text is not before the current token.
void ElementEdits::forget_dropped() {
  around_.forget_ended();
  judge_.end_text();
}

void ElementEdits::append_at_end(Scope& scope, const Closed& closed) {
  for (EditId edit : scope.edits) {
    if (edits_.operation(edit) != Operation::append) continue;
    const Skip skip = scope.holds_text ? judge_.why_not_append_text(edits_[edit], closed, scope.name.id)
                                       : judge_.why_not_append(edits_[edit], closed);
    edits_.note(edit, skip);
    if (skip != Skip::none) continue;
    if (scope.holds_text) {
      put_as_text(edit, scope.name.id);
    } else {
      write_end_tags();
      put_content(edit);
    }
  }
}

void ElementEdits::put_after(Scope& scope, const Closed& closed) {
  for (EditId edit : scope.edits) {
    if (edits_.operation(edit) != Operation::after) continue;
    if (closed.by_end_tag && closed.safe && !closed.orphaned) {
      after_token_.push_back(edit);
      continue;
    }
    Skip skip = judge_.why_not_at_end(closed);
    if (skip == Skip::none && closed.orphaned) skip = Skip::unsafe_region;
    const bool gone = scope.drops_end_tag;
    const bool needs_end_tag = !gone && !scope.end_tag_written;
    if (skip == Skip::none && needs_end_tag && (scope.name.id == TagId::unknown || !around_.end_tag_would_do())) {
      skip = Skip::unsafe_region;
    }
    if (skip == Skip::none) skip = judge_.why_not_here(edits_[edit], Level::around_it);
    edits_.note(edit, skip);
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

/// After the current end tag, or the tag of an element without content. If the page ends in that tag, there is no such
/// place.
void ElementEdits::put_behind_tag() {
  skip_token_ = false;
  if (child_ends_behind_token_ != Reorders::none) {
    end_child(child_ends_behind_token_, {});
    child_ends_behind_token_ = Reorders::none;
  }
  for (EditId edit : after_token_) {
    if (edits_.operation(edit) != Operation::after) continue;
    const Skip skip = judge_.truncated() ? Skip::truncated : judge_.why_not_here(edits_[edit], Level::innermost);
    edits_.note(edit, skip);
    if (skip == Skip::none) put_content(edit);
  }
  after_token_.clear();
}

}  // namespace personalize::html
