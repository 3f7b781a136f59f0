// Edits that are right only if the element turns out to be in order. An end tag inside may close what was opened
// outside, and so move the element or part of it; something opened inside may go on behind it. Where that can be, the
// element is kept back until its end shows it: then either the edit or what the page had stays.
#include "html/element_edits.h"

namespace personalize::html {
namespace {

bool is_around(Operation operation) { return operation == Operation::before || operation == Operation::prepend; }

bool is_instead(Operation operation) {
  return operation == Operation::inner || operation == Operation::replace || operation == Operation::remove;
}

}  // namespace

/// Where the end of the element is known beforehand nothing has to be kept back. But all is told, and what is in the
/// element fares, as if that were known only at its end.
void ElementEdits::foresee(bool& replaced) {
  if (!refused_.edits.empty()) refused_ = {};
  const Foreseen foreseen = around_.foreseen();
  if (!foreseen.known) return;
  for (std::size_t i = 0; i < matched_.size(); ++i) {
    if (verdicts_[i] != Skip::none) continue;
    const Operation operation = edits_[matched_[i]].operation;
    if (!is_around(operation) && !is_instead(operation)) continue;
    const Skip skip = is_around(operation) ? foreseen.around : foreseen.instead;
    if (skip == Skip::none) continue;
    verdicts_[i] = skip;
    refused_.begin = foreseen.at;
    refused_.edits.emplace_back(matched_[i], skip);
    refused_.as_if_dropped |= is_instead(operation);
    if (operation == Operation::inner || !is_instead(operation)) continue;
    refused_.with_tag = true;
    replaced = false;
  }
  if (refused_.as_if_dropped && output_.capturing()) refused_.kept = kept_size();
}

void ElementEdits::note_refused(Scope& scope) {
  if (scope.refused.edits.empty()) return;
  for (const auto& [edit, skip] : scope.refused.edits) note(edit, skip);
  scope.refused.edits.clear();
  --refusals_;
  if (scope.refused.as_if_dropped && dropping_ != none && &scopes_[dropping_] == &scope) set_dropping(none, false);
}

/// Those that would not have been kept back any longer.
void ElementEdits::note_long_refused() {
  const std::uint64_t at = around_.foreseen().at;
  for (Scope& scope : scopes_) {
    if (scope.in_use && at - scope.refused.begin > max_held_element_) note_refused(scope);
  }
}

/// For the tag in hand, if some of its edits must wait.
void ElementEdits::begin_hold(bool replaced) {
  if (!around_.inserted().open || around_.foreseen().known) return;
  bool any = false;
  bool has_before = false;
  for (std::size_t i = 0; i < matched_.size(); ++i) {
    const Operation operation = edits_[matched_[i]].operation;
    if (verdicts_[i] != Skip::none) continue;
    any |= is_around(operation) || is_instead(operation);
    has_before |= operation == Operation::before;
  }
  if (!any) return;
  const TreeOutside outside = around_.outside();
  for (std::size_t i = 0; i < matched_.size(); ++i) {
    if (verdicts_[i] != Skip::none) continue;
    const Operation operation = edits_[matched_[i]].operation;
    if (is_around(operation) && outside.in_formatting) hold_.around.push_back(matched_[i]);
    if (is_instead(operation)) hold_.instead.push_back(matched_[i]);
  }
  if (hold_.around.empty() && hold_.instead.empty()) return;
  if (!output_.capturing()) output_.capture();
  hold_.before = output_.captured().mark();
  hold_.active = true;
  hold_.has_before = has_before;
  hold_.outside = outside;
  hold_.in_formatting = outside.in_formatting;
  hold_.drops = !hold_.instead.empty();
  hold_.drops_tag = replaced;
  if (holds_++ == 0) first_hold_ = passed_;
  hold_.begin = hold_.dropped_from = passed_;
}

/// The verdict of `matched_[index]` is not final, or not to be told yet.
bool ElementEdits::waits(std::size_t index) const {
  for (const auto& [edit, skip] : refused_.edits) {
    if (edit == matched_[index]) return true;
  }
  if (verdicts_[index] != Skip::none) return false;
  const Operation operation = edits_[matched_[index]].operation;
  return hold_.active && (is_instead(operation) || (is_around(operation) && hold_.in_formatting));
}

void ElementEdits::blank(Captured::Mark begin, Captured::Mark end) {
  Captured& captured = output_.captured();
  const std::size_t size = captured.size();
  captured.blank(begin, end);
  if (!reorders_.empty() && begin < sorting_begins_) sorted_from_ -= size - captured.size();
}

void ElementEdits::settle_around(Hold& hold, Skip skip) {
  if (hold.around.empty()) return;
  for (EditId edit : hold.around) note(edit, skip);
  hold.around.clear();
  if (skip == Skip::none) return;
  blank(hold.before, hold.replacement);
  blank(hold.prepended, hold.inner);
}

void ElementEdits::settle_instead(Hold& hold, Skip skip) {
  if (!hold.drops) return;
  for (EditId edit : hold.instead) note(edit, skip);
  hold.instead.clear();
  hold.drops = false;
  if (skip == Skip::none) {
    blank(hold.drops_tag ? hold.tag : hold.content, output_.captured().mark());
  } else if (hold.drops_tag) {
    blank(hold.has_before ? hold.replacement : hold.before, hold.tag);  // with the end tags written for it
  } else {
    blank(hold.inner, hold.content);
  }
}

/// The element has come to its end.
void ElementEdits::settle(Scope& scope, const Closed& closed) {
  Hold& hold = scope.hold;
  settle_around(hold, closed.safe ? Skip::none : Skip::unsafe_region);
  if (hold.drops) {
    Skip skip = closed.lost ? Skip::too_deep : Skip::none;
    if (skip == Skip::none && !(closed.safe && around_.is_unchanged(hold.outside))) skip = Skip::unsafe_region;
    settle_instead(hold, skip);
    if (skip != Skip::none) {
      set_dropping(none, false);
      scope.drops_end_tag = false;
    }
  }
  end_hold(hold);
}

void ElementEdits::end_hold(Hold& hold) {
  hold.active = false;
  --holds_;
  first_hold_ = passed_;
  for (const Scope& scope : scopes_) {
    if (scope.in_use && scope.hold.active) first_hold_ = std::min(first_hold_, scope.hold.begin);
  }
  if (hold_.active) first_hold_ = std::min(first_hold_, hold_.begin);
  release_if_free();
}

void ElementEdits::count_held(std::size_t size) {
  passed_ += size;
  if (passed_ - first_hold_ > max_held_element_) give_up_long_holds();
}

/// More would have to be kept than may be. What could be moved is left as it is; else the edit is made.
void ElementEdits::give_up_long_holds() {
  for (std::size_t i = 0; i < scopes_.size(); ++i) {
    Scope& scope = scopes_[i];
    Hold& hold = scope.hold;
    if (!scope.in_use || !hold.active || passed_ - hold.begin <= max_held_element_) continue;
    settle_around(hold, Skip::held_too_long);
    if (hold.drops) {
      settle_instead(hold, hold.in_formatting ? Skip::held_too_long : Skip::none);
      set_dropping(hold.in_formatting ? none : static_cast<std::uint16_t>(i), false);
      if (hold.in_formatting) scope.drops_end_tag = false;
    }
    end_hold(hold);
  }
}

/// What is captured, without what will be left out.
std::size_t ElementEdits::kept_size() {
  if (dropping_ != none && scopes_[dropping_].refused.as_if_dropped) return scopes_[dropping_].refused.kept;
  std::size_t size = output_.captured().size();
  const auto take_away = [&](const Hold& hold) {
    if (hold.active && hold.drops) size -= static_cast<std::size_t>(passed_ - hold.dropped_from);
  };
  if (dropping_ != none) take_away(scopes_[dropping_].hold);
  if (hold_.drops_tag) take_away(hold_);
  return size;
}

void ElementEdits::release_if_free() {
  if (reorders_.empty() && holds_ == 0 && output_.capturing()) output_.release();
}

void ElementEdits::undo_held() noexcept {
  const auto undo = [this](Hold& hold) {
    if (!hold.active) return;
    Captured& captured = output_.captured_so_far();
    if (!hold.around.empty()) {
      captured.blank(hold.before, hold.replacement);
      captured.blank(hold.prepended, hold.inner);
    }
    if (hold.drops_tag) captured.blank(hold.has_before ? hold.replacement : hold.before, hold.tag);
    if (hold.drops && !hold.drops_tag) captured.blank(hold.inner, hold.content);
    hold.active = false;
  };
  undo(hold_);
  for (Scope& scope : scopes_) {
    if (scope.in_use) undo(scope.hold);
  }
}

}  // namespace personalize::html
