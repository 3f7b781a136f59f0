// Edits of a head that may continue after its end tag: in `</head><script>…` the script is in the head. Appended
// content belongs after that, and new content must not leave the rest in place.
//
// In a stream, whether more follows is known when the body begins. What could be wrong is held until then.
#include <algorithm>

#include "html/edits/element_edits.h"
#include "html/edits/insertion_safety.h"

namespace personalize::html {

/// `</head>` is the current tag.
void ElementEdits::end_head(Scope& scope, const Closed& closed) {
  give_up_large();
  scope.late = Late::unknown;
  if (dropping_ == closed.watch) {
    stop_dropping(scope);
    forget_dropped();
    if (scope.held.open) {
      if (const Skip skip = why_not_drop(scope, closed); skip != Skip::none) settle_drop(scope, skip);
    } else {
      scope.dropping.clear();  // it was too large to wait
    }
  }
  if (scope.held.open) settle_insertions(scope, closed);
  if (scope.sorts != Reorders::none) end_reorder(scope, closed);
  append_for_now(scope, closed);
  if (scope.child_of != Reorders::none) end_child(scope, closed);
  put_after(scope, closed);
}

void ElementEdits::append_for_now(Scope& scope, const Closed& closed) {
  for (EditId edit : scope.edits) {
    if (edits_.operation(edit) != Operation::append) continue;
    const Skip skip = judge_.why_not_append(edits_[edit], closed);
    edits_.note(edit, skip);
    if (skip == Skip::none) scope.appended.push_back(edit);
  }
  if (scope.appended.empty()) return;
  begin_capture();
  if (!scope.held.open) {
    scope.held = {};
    scope.held.open = true;
    ++held_;
  }
  scope.held.appended.begin = output_.captured().mark();
  write_end_tags();
  for (EditId edit : scope.appended) put_content(edit);
  scope.held.appended.end = output_.captured().mark();
}

/// The current tag is in the head, which `</head>` had ended.
void ElementEdits::begin_late_head(Scope& scope) {
  give_up_large();
  if (scope.late != Late::unknown || !scope.held.open) return;
  scope.late = Late::yes;
  output_.erase(scope.held.appended.begin, scope.held.appended.end);
  if (!scope.dropping.empty()) settle_drop(scope, Skip::unsafe_region);
  const auto follows = [&](EditId edit) { return fits_closed_head(edits_[edit].content); };
  const auto others = std::stable_partition(scope.appended.begin(), scope.appended.end(), follows);
  edits_.take_back({others, scope.appended.end()}, Skip::unsafe_region);
  scope.appended.erase(others, scope.appended.end());
  end_hold(scope);
}

/// Before the current token the body begins, or the page ends.
void ElementEdits::complete_head(Scope& scope, const Closed& closed) {
  if (scope.late == Late::yes) {
    const Skip skip = judge_.why_not_at_end(closed);
    if (skip != Skip::none) edits_.take_back(scope.appended, skip);
    for (EditId edit : scope.appended) {
      if (skip == Skip::none) put_content(edit);
    }
  } else if (scope.held.open) {
    if (closed.lost) {
      output_.erase(scope.held.appended.begin, scope.held.appended.end);
      edits_.take_back(scope.appended, Skip::too_deep);
    }
    if (!scope.dropping.empty()) settle_drop(scope, closed.lost ? Skip::too_deep : Skip::none);
    end_hold(scope);
  }
  scope.in_use = false;
}

}  // namespace personalize::html
