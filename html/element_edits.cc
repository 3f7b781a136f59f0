// The edits of one element: which of them can be done, and their bytes in their places.
#include <algorithm>

#include "html/page_rewriter.h"
#include "html/place.h"
#include "html/tag_edit.h"

namespace personalize::html {
namespace {

bool is_raw_text(TagId id) {
  switch (id) {
    case TagId::script:
    case TagId::style:
    case TagId::textarea:
    case TagId::title:
    case TagId::xmp:
    case TagId::iframe:
    case TagId::noembed:
    case TagId::noframes:
    case TagId::noscript:
    case TagId::plaintext:
      return true;
    default:
      return false;
  }
}

bool replaces(Operation operation) { return operation == Operation::replace || operation == Operation::remove; }

bool edits_tag(Operation operation) {
  return operation >= Operation::set_attribute && operation <= Operation::remove_class;
}

bool is_inside(Operation operation) {
  return operation == Operation::prepend || operation == Operation::append || operation == Operation::inner ||
         operation == Operation::reorder;
}

}  // namespace

void PageRewriter::edit_element(const PageTag& tag) {
  if (!reorders_.empty()) give_up_large_reorders();
  encoding_here_ = encoding_.at(offset_);
  verdicts_.clear();
  for (EditId edit : matched_) verdicts_.push_back(why_not(edits_[edit], tag));
  // Of several that replace the element or its content the last one wins.
  bool replaced = false;
  bool emptied = false;
  bool sorted = false;
  for (std::size_t i = matched_.size(); i-- > 0;) {
    const Operation operation = edits_[matched_[i]].operation;
    if (verdicts_[i] != Skip::none) continue;
    if (replaces(operation)) {
      if (replaced) verdicts_[i] = Skip::inside_edit;
      replaced = true;
    } else if (operation == Operation::inner) {
      if (emptied) verdicts_[i] = Skip::inside_edit;
      emptied = true;
    } else if (operation == Operation::reorder) {
      if (sorted) verdicts_[i] = Skip::inside_edit;
      sorted = true;
    }
  }
  for (std::size_t i = 0; i < matched_.size(); ++i) {
    const Operation operation = edits_[matched_[i]].operation;
    const bool around = operation == Operation::before || operation == Operation::after || replaces(operation);
    const bool gone = (replaced && !around) || (emptied && operation == Operation::reorder);
    if (gone && verdicts_[i] == Skip::none) verdicts_[i] = Skip::inside_edit;
    const bool at_end =
        operation == Operation::append || operation == Operation::after || operation == Operation::reorder;
    const bool later = verdicts_[i] == Skip::none && at_end;
    if (!later) note(matched_[i], verdicts_[i]);
  }
  put_before();
  if (is_sorted_child()) begin_child(tag);
  put_replacement();
  if (replaced) {
    offset_ += tag.bytes.size();
  } else {
    put_tag(tag);
    put_start_of_content();
  }
  open_scope();
}

Skip PageRewriter::why_not(const Edit& edit, const PageTag& tag) {
  const Inserted& inserted = tree_.inserted();
  if (dropping_ != none) return Skip::inside_edit;
  if (encoding_here_ == Encoding::unsupported || !can_be_encoded(edit.content, encoding_here_)) return Skip::encoding;
  if (!inserted.safe) return Skip::unsafe_region;
  if (edits_tag(edit.operation)) {
    const bool needs_name = edit.operation == Operation::set_attribute || edit.operation == Operation::remove_attribute;
    return needs_name && !is_attribute_name(edit.name) ? Skip::unsafe_region : Skip::none;
  }
  if (is_inside(edit.operation)) return why_not_inside(edit);
  (void)tag;
  return edit.operation == Operation::after ? Skip::none : why_not_instead(edit);
}

/// For content (or order) in the element.
Skip PageRewriter::why_not_inside(const Edit& edit) {
  const Inserted& inserted = tree_.inserted();
  if (!inserted.open) return Skip::void_element;
  if (inserted.name_space == Namespace::html && is_raw_text(inserted.name.id)) return Skip::raw_text;
  if (edit.operation == Operation::reorder) return edit.order != nullptr ? Skip::none : Skip::unsafe_region;
  return edit.operation == Operation::append ? Skip::none : why_not_here(edit, tree_.size());
}

/// For `before`, `replace`, `remove`.
Skip PageRewriter::why_not_instead(const Edit& edit) {
  const Inserted& inserted = tree_.inserted();
  const bool whole_page = replaces(edit.operation) && inserted.name.id == TagId::html;
  if (whole_page || !can_write_end_tags()) return Skip::unsafe_region;
  return why_not_here(edit, tree_.size() - (inserted.open ? 1 : 0));
}

/// For content behind what is there in the outermost `open` elements.
Skip PageRewriter::why_not_here(const Edit& edit, std::size_t open) {
  if (edit.content.empty()) return Skip::none;
  if (after_less_than_) return Skip::unsafe_region;
  if (open != 0 && tree_.namespace_at(open - 1) != Namespace::html && edit.content.find('<') != std::string_view::npos) {
    return Skip::foreign;
  }
  return fits(tree_, open, edit.content) ? Skip::none : Skip::unsafe_region;
}

void PageRewriter::put_before() {
  for (std::size_t i = 0; i < matched_.size(); ++i) {
    const Operation operation = edits_[matched_[i]].operation;
    if (verdicts_[i] != Skip::none || (operation != Operation::before && !replaces(operation))) continue;
    write_end_tags();
    if (operation == Operation::before) put_content(matched_[i]);
  }
}

void PageRewriter::put_replacement() {
  for (std::size_t i = 0; i < matched_.size(); ++i) {
    if (verdicts_[i] == Skip::none && edits_[matched_[i]].operation == Operation::replace) put_content(matched_[i]);
  }
}

void PageRewriter::put_tag(const PageTag& tag) {
  const auto is_attribute_edit = [&](std::size_t i) {
    return verdicts_[i] == Skip::none && edits_tag(edits_[matched_[i]].operation);
  };
  tag_.clear();
  for (std::size_t i = 0; i < matched_.size(); ++i) {
    if (!is_attribute_edit(i)) continue;
    if (tag_.empty()) tag_ = tag.bytes;
    edit_tag(tag_, edits_[matched_[i]], encoding_here_);
  }
  if (tag_.empty() || tag_ == tag.bytes) return put(tag.bytes);
  offset_ += tag.bytes.size();
  output_.copy(tag_);
}

void PageRewriter::put_start_of_content() {
  for (Operation operation : {Operation::prepend, Operation::inner}) {
    for (std::size_t i = 0; i < matched_.size(); ++i) {
      if (verdicts_[i] != Skip::none || edits_[matched_[i]].operation != operation) continue;
      put_content(matched_[i]);
      // A page that is written anew gets what a document is never without, as from browsers' innerHTML.
      if (operation == Operation::inner && matcher_.only_root(edits_[matched_[i]].slot)) output_.copy("<head></head><body></body>");
    }
  }
}

/// Remembers what is to be done where the element ends; an element without content ends here.
void PageRewriter::open_scope() {
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
  }
  if (scope.edits.empty() && scope.dropping.empty() && !is_child && scope.sorts == Reorders::none) return;
  if (!tree_.inserted().open) {
    if (is_child) end_child(reorders_.id(), {});
    after_less_than_ = false;
    after_token_ = scope.edits;
    return put_after_token();
  }
  scope.name = tree_.inserted().name;
  scope.in_use = true;
  std::size_t index = 0;
  while (index < scopes_.size() && scopes_[index].in_use) ++index;
  if (index == scopes_.size()) scopes_.emplace_back();
  if (!scope.dropping.empty()) dropping_ = static_cast<std::uint16_t>(index);
  scopes_[index] = std::move(scope);
  tree_.watch(static_cast<std::uint16_t>(index));
}

/// Elements that the token in hand has ended without their end tags can be given them, so that what is inserted in
/// front of the token stands outside of them.
bool PageRewriter::can_write_end_tags() const {
  const Inserted& ended = tree_.outermost_ended();
  return !ended.inserted ||
         (ended.safe && ended.name_space == Namespace::html && ended.name.id != TagId::unknown);
}

void PageRewriter::write_end_tags() {
  const Inserted& ended = tree_.outermost_ended();
  if (!ended.inserted) return;
  output_.copy("</");
  output_.copy(to_string(ended.name.id));
  output_.copy(">");
  tree_.forget_ended();
}

void PageRewriter::closed(const Closed& closed) {
  Scope& scope = scopes_[closed.watch];
  if (!closed.final && dropping_ != closed.watch && !(tree_.name_at(tree_.size() - 1) == scope.name)) {
    return;  // `</body>` while something else is open: what is appended waits for the end of the page
  }
  if (!scope.done) {
    scope.done = true;
    if (dropping_ == closed.watch) finish_drop(scope, closed);
    if (scope.sorts != Reorders::none) end_reorder(scope, closed);
    append_at_end(scope, closed);
    if (scope.child_of != Reorders::none) end_child(scope, closed);
    put_after(scope, closed);
  }
  if (closed.final) scope.in_use = false;
}

void PageRewriter::finish_drop(Scope& scope, const Closed& closed) {
  dropping_ = none;
  tree_.forget_ended();
  after_less_than_ = false;
  skip_token_ = scope.drops_end_tag && closed.by_end_tag;
  if (!closed.lost) return;
  for (EditId edit : scope.dropping) {
    --results_[edit].applied;
    note(edit, Skip::too_deep);
  }
}

void PageRewriter::append_at_end(Scope& scope, const Closed& closed) {
  for (EditId edit : scope.edits) {
    if (edits_[edit].operation != Operation::append) continue;
    Skip skip = closed.lost ? Skip::too_deep : !closed.safe ? Skip::unsafe_region : Skip::none;
    if (skip == Skip::none && (truncated_ || closed.cut_off)) skip = Skip::truncated;
    if (skip == Skip::none && !can_write_end_tags()) skip = Skip::unsafe_region;
    if (skip == Skip::none) skip = why_not_here(edits_[edit], tree_.size());
    note(edit, skip);
    if (skip != Skip::none) continue;
    write_end_tags();
    put_content(edit);
  }
}

void PageRewriter::put_after(Scope& scope, const Closed& closed) {
  for (EditId edit : scope.edits) {
    if (edits_[edit].operation != Operation::after) continue;
    if (closed.by_end_tag && closed.safe) {
      after_token_.push_back(edit);
      continue;
    }
    Skip skip = closed.lost ? Skip::too_deep : !closed.safe ? Skip::unsafe_region : Skip::none;
    if (skip == Skip::none && (truncated_ || closed.cut_off)) skip = Skip::truncated;
    const bool gone = scope.drops_end_tag;
    const bool needs_end_tag = !gone && !scope.end_tag_written;
    if (skip == Skip::none && needs_end_tag && (scope.name.id == TagId::unknown || !tree_.end_tag_would_do())) {
      skip = Skip::unsafe_region;
    }
    if (skip == Skip::none) skip = why_not_here(edits_[edit], tree_.size() - 1);
    note(edit, skip);
    if (skip != Skip::none) continue;
    if (needs_end_tag) {
      output_.copy("</");
      output_.copy(to_string(scope.name.id));
      output_.copy(">");
      scope.end_tag_written = true;
      tree_.end_tag_written();
      end_child(scope.child_of, {});
    }
    put_content(edit);
  }
}

/// Behind the end tag in hand (or the tag of an element without content).
void PageRewriter::put_after_token() {
  if (child_ends_behind_token_ != Reorders::none) {
    end_child(child_ends_behind_token_, {});
    child_ends_behind_token_ = Reorders::none;
  }
  for (EditId edit : after_token_) {
    if (edits_[edit].operation != Operation::after) continue;
    const Skip skip = why_not_here(edits_[edit], tree_.size());
    note(edit, skip);
    if (skip == Skip::none) put_content(edit);
  }
  after_token_.clear();
}

}  // namespace personalize::html
